"""Async code."""
