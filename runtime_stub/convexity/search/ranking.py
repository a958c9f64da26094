"""The order of relevance: BM25 over the documents that match.

The score of a document depends on nothing but documents that match too. That is why a live search
has to run again only when one of these changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

_SATURATION: Final = 1.2
"""``k1`` of BM25: how soon further occurrences of a word stop to matter."""
_LENGTH_INFLUENCE: Final = 0.75
"""``b`` of BM25: how much a longer text needs more occurrences."""


class Match(NamedTuple):
    """A document that has some of the words."""

    position: int
    """Its number in its table: a later document has a larger one."""
    length: int
    """Words of its text."""
    counts: Sequence[int]
    """Occurrences of each word that is looked for; with a prefix also of all other words that
    start so, together."""


def scores(matches: Sequence[Match], weights: Sequence[float]) -> list[float]:
    """The score of each match, larger for a more relevant one.

    Args:
        matches: All documents that are compared.
        weights: Factor of each of the counts.
    """
    total = len(matches)
    average = sum(match.length for match in matches) / total if total else 1.0
    factors = []
    for number, weight in enumerate(weights):
        holders = sum(1 for match in matches if match.counts[number])
        rarity = math.log(1 + (total - holders + 0.5) / (holders + 0.5))
        factors.append(weight * rarity * (_SATURATION + 1))
    found = []
    for _, length, counts in matches:
        share = 1 - _LENGTH_INFLUENCE + _LENGTH_INFLUENCE * length / average
        score = 0.0
        for factor, count in zip(factors, counts, strict=True):
            if count:
                score += factor * count / (count + _SATURATION * share)
        found.append(score)
    return found
