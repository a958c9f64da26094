"""The binary form of readings: metric code, then a float, big endian."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

_FORMAT = struct.Struct(">Bf")
Metric = Literal["temperature", "humidity", "pressure"]
_METRICS: dict[int, Metric] = {1: "temperature", 2: "humidity", 3: "pressure"}


class FrameError(ValueError):
    """The bytes are no frames."""


class Frame(NamedTuple):
    """One reading."""

    metric: Metric
    value: float


def parse(data: bytes) -> Iterator[Frame]:
    """Read the frames of a packet; raises FrameError."""
    if len(data) % _FORMAT.size:
        raise FrameError(f"{len(data)} bytes are no whole number of frames")
    for code, value in _FORMAT.iter_unpack(data):
        metric = _METRICS.get(code)
        if metric is None:
            raise FrameError(f"there is no metric {code}")
        yield Frame(metric, value)
