"""The compiled backend: ``dist/``."""

from convexity_compiler.emit.backend.build import build_dist
from convexity_compiler.emit.backend.errors import BuildError
from convexity_compiler.emit.backend.project import emit_backend

__all__ = ["BuildError", "build_dist", "emit_backend"]
