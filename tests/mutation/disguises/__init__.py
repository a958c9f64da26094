"""Ways to write the same module."""
