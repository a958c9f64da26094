"""Cutting texts into pieces that overlap."""

from collections.abc import Iterator

SIZE = 1200
OVERLAP = 200


def pieces(text: str, size: int = SIZE, overlap: int = OVERLAP) -> Iterator[str]:
    """Yield pieces of at most ``size`` characters, cut at spaces where there are any."""
    start = 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            space = text.rfind(" ", start + size // 2, end)
            end = space if space > 0 else end
        yield text[start:end].strip()
        if end == len(text):
            return
        start = max(end - overlap, start + 1)
