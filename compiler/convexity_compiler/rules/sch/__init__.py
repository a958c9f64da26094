"""Schema and tables."""
