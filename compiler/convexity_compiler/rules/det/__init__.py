"""Determinism."""
