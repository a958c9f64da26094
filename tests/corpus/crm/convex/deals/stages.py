"""The way of a deal."""

from typing import Final, Literal, TypeAlias

from convexity.values import v

Stage: TypeAlias = Literal["lead", "qualified", "proposal", "won", "lost"]

OPEN: Final[tuple[Stage, ...]] = ("lead", "qualified", "proposal")

_NEXT: Final[dict[Stage, tuple[Stage, ...]]] = {
    "lead": ("qualified", "lost"),
    "qualified": ("proposal", "lost"),
    "proposal": ("won", "lost"),
    "won": (),
    "lost": ("lead",),
}

stage = v.literal("lead", "qualified", "proposal", "won", "lost")


def may_follow(before: Stage, after: Stage) -> bool:
    """Whether a deal may go from one stage to another."""
    return after in _NEXT[before]
