"""Jinja templates of everything the compiler generates."""
