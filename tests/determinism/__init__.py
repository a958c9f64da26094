"""The same project gives the same bytes, wherever and however it is looked at."""
