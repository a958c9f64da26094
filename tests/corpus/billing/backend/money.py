"""Money in minor units, and the shapes that hold it."""

from typing import Literal, NotRequired, TypeAlias, TypedDict

from convexity.values import Int64

Currency: TypeAlias = Literal["eur", "usd", "gbp"]


class Price(TypedDict):
    """An amount in one currency."""

    currency: Currency
    minor: Int64


class Line(TypedDict):
    """A line of an invoice."""

    text: str
    quantity: float
    price: Price
    taxRate: NotRequired[float]


def line_total(line: Line) -> int:
    """What a line costs with tax, in minor units."""
    net = int(line["price"]["minor"]) * line["quantity"]
    return round(net * (1 + line.get("taxRate", 0)))


def total(lines: list[Line]) -> Int64:
    """What an invoice costs."""
    return Int64(sum(line_total(line) for line in lines))
