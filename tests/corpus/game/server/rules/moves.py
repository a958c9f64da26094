"""Moves and what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from .cards import beats

if TYPE_CHECKING:
    from .cards import Card, Suit


class PlayCard(TypedDict):
    """Play a card of one's hand."""

    do: Literal["play"]
    index: float


class Pass(TypedDict):
    """Do nothing."""

    do: Literal["pass"]


Move: TypeAlias = PlayCard | Pass


class Outcome(TypedDict):
    """What a move changed."""

    hand: list[Card]
    table: list[Card]
    scored: float


def play(hand: list[Card], table: list[Card], move: Move, trump: Suit) -> Outcome | None:
    """Return what a move changes; none when it is not allowed."""
    if move["do"] == "pass":
        return {"hand": hand, "table": table, "scored": 0}
    index = int(move["index"])
    if not 0 <= index < len(hand):
        return None
    card = hand[index]
    rest = hand[:index] + hand[index + 1 :]
    if table and beats(card, table[-1], trump):
        return {"hand": rest, "table": [], "scored": len(table) + 1}
    return {"hand": rest, "table": [*table, card], "scored": 0}
