"""The SQLite engine."""

from convexity.database.sqlite.engine import SqliteEngine

__all__ = ["SqliteEngine"]
