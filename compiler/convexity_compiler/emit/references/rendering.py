"""The templates of ``_generated``."""

from __future__ import annotations

from convexity_compiler.emit.rendering import Renderer

render = Renderer("references")
"""Renders a template of ``convexity_templates/references``."""
