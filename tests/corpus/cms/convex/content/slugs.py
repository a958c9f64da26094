"""Titles as parts of addresses."""

import re
import unicodedata

_REST = re.compile(r"[^a-z0-9]+")


def slugify(title: str) -> str:
    """Return a title in lower case ASCII with dashes."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return _REST.sub("-", plain.lower()).strip("-")
