"""Stage five: the linked project becomes the backend IR."""
