"""Rendering of the backend IR into files."""
