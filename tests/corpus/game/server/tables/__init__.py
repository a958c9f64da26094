"""The schema in parts."""
