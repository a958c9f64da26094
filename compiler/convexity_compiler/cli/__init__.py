"""The command line: one file per command."""

from convexity_compiler.cli.main import main

__all__ = ["main"]
