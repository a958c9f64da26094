"""Cards."""

from typing import Literal, TypedDict

Suit = Literal["clubs", "diamonds", "hearts", "spades"]
SUITS: tuple[Suit, ...] = ("clubs", "diamonds", "hearts", "spades")
RANKS = range(6, 15)


class Card(TypedDict):
    """A card; an ace is 14."""

    suit: Suit
    rank: float


def deck(seed: int) -> list[Card]:
    """All cards in an order that the seed gives."""
    cards: list[Card] = [{"suit": suit, "rank": rank} for suit in SUITS for rank in RANKS]
    state = seed or 1
    for index in range(len(cards) - 1, 0, -1):
        state = (state * 1103515245 + 12345) % 2**31
        other = state % (index + 1)
        cards[index], cards[other] = cards[other], cards[index]
    return cards


def beats(one: Card, other: Card, trump: Suit) -> bool:
    """Whether a card takes another that was played first."""
    if one["suit"] == other["suit"]:
        return one["rank"] > other["rank"]
    return one["suit"] == trump
