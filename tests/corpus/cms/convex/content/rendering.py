"""Blocks as text."""

from html import escape

from .blocks import Block


def plain_text(blocks: list[Block]) -> str:
    """The words of blocks, a line each."""
    lines = [
        entry.get("caption", "") if entry["type"] == "picture" else entry["text"]
        for entry in blocks
    ]
    return "\n".join(line for line in lines if line)


def html(blocks: list[Block], urls: dict[str, str]) -> str:
    """Blocks as HTML; ``urls`` has those of pictures by asset."""
    parts: list[str] = []
    for entry in blocks:
        if entry["type"] == "heading":
            parts.append(f"<h{entry['level']}>{escape(entry['text'])}</h{entry['level']}>")
        elif entry["type"] == "picture":
            parts.append(f'<img src="{escape(urls.get(entry["asset"], ""))}">')
        elif entry["type"] == "quote":
            parts.append(f"<blockquote>{escape(entry['text'])}</blockquote>")
        else:
            parts.append(f"<p>{escape(entry['text'])}</p>")
    return "".join(parts)
