"""Stored files: their bytes, their rows, upload URLs, and what becomes of bytes without a file."""
