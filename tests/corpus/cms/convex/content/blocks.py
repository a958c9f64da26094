"""Blocks that pages consist of."""

from typing import Literal, NotRequired, TypedDict, Union

from convexity.values import v


class Paragraph(TypedDict):
    """Running text."""

    type: Literal["paragraph"]
    text: str


class Heading(TypedDict):
    """A heading of level two to four."""

    type: Literal["heading"]
    text: str
    level: Literal[2, 3, 4]


class Picture(TypedDict):
    """A picture from the library."""

    type: Literal["picture"]
    asset: str
    caption: NotRequired[str]


class Quote(TypedDict):
    """What somebody said."""

    type: Literal["quote"]
    text: str
    by: str | None


Block = Union[Paragraph, Heading, Picture, Quote]  # noqa: UP007

block = v.union(v.object(Paragraph), v.object(Heading), v.object(Picture), v.object(Quote))


def words(blocks: list[Block]) -> int:
    """How many words there are to read."""
    count = 0
    for entry in blocks:
        if entry["type"] == "picture":
            count += len(entry.get("caption", "").split())
        else:
            count += len(entry["text"].split())
    return count
