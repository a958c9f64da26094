"""Failures of a build."""

from __future__ import annotations


class BuildError(Exception):
    """The backend cannot be built; the text names the place, the reason and the way out."""
