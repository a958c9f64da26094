"""Calculation without the platform."""

from __future__ import annotations

from typing import TypedDict


class Occupancy(TypedDict):
    """How full a ward is."""

    ward: str
    beds: float
    taken: float


def rate(lines: list[Occupancy]) -> float:
    """The share of beds that are taken, from 0 to 1."""
    beds = sum(line["beds"] for line in lines)
    return sum(line["taken"] for line in lines) / beds if beds else 0.0
