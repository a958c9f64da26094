"""Ranges of keys, found by a key within them.

A treap: a binary search tree by bounds, which random priorities keep balanced. Each node knows the
highest upper bound below it, so that a search leaves out what ends before the key. Finding ``m`` of
``n`` ranges visits about ``m log n`` of them, however they overlap.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import random
from typing import TypeAlias

Bounds: TypeAlias = tuple[bytes, bytes]
"""``lower <= key < upper``."""


class IntervalTree:
    """A set of ranges."""

    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: _Node | None = None

    def add(self, bounds: Bounds) -> None:
        """Add a range that is not there."""
        self._root = _inserted(self._root, _Node(bounds))

    def remove(self, bounds: Bounds) -> None:
        """Remove a range that is there."""
        self._root = _removed(self._root, bounds)

    def at(self, key: bytes) -> Iterator[Bounds]:
        """The ranges that contain a key, in no particular order."""
        waiting = [self._root]
        while waiting:
            node = waiting.pop()
            if node is None or node.highest <= key:
                continue
            waiting.append(node.left)
            lower, upper = node.bounds
            if lower <= key:
                waiting.append(node.right)
                if key < upper:
                    yield node.bounds


class _Node:
    __slots__ = ("bounds", "highest", "left", "priority", "right")

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.highest = bounds[1]
        self.priority = random()
        self.left: _Node | None = None
        self.right: _Node | None = None


def _inserted(node: _Node | None, new: _Node) -> _Node:
    if node is None:
        return new
    if new.priority > node.priority:
        new.left, new.right = _split(node, new.bounds)
        return _measured(new)
    if new.bounds < node.bounds:
        node.left = _inserted(node.left, new)
    else:
        node.right = _inserted(node.right, new)
    node.highest = max(node.highest, new.highest)
    return node


def _split(node: _Node | None, bounds: Bounds) -> tuple[_Node | None, _Node | None]:
    """What comes before some bounds, and what comes after."""
    if node is None:
        return None, None
    if node.bounds < bounds:
        node.right, after = _split(node.right, bounds)
        return _measured(node), after
    before, node.left = _split(node.left, bounds)
    return before, _measured(node)


def _removed(node: _Node | None, bounds: Bounds) -> _Node | None:
    if node is None:
        raise KeyError(bounds)
    if bounds == node.bounds:
        return _joined(node.left, node.right)
    if bounds < node.bounds:
        node.left = _removed(node.left, bounds)
    else:
        node.right = _removed(node.right, bounds)
    return _measured(node)


def _joined(before: _Node | None, after: _Node | None) -> _Node | None:
    if before is None or after is None:
        return before or after
    if before.priority > after.priority:
        before.right = _joined(before.right, after)
        return _measured(before)
    after.left = _joined(before, after.left)
    return _measured(after)


def _measured(node: _Node) -> _Node:
    """A node that knows its highest bound again."""
    highest = node.bounds[1]
    for child in (node.left, node.right):
        if child is not None and child.highest > highest:
            highest = child.highest
    node.highest = highest
    return node
