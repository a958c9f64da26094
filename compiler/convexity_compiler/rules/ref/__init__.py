"""References and calls."""
