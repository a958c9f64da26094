"""Remembering what was worked out about an object, for as long as the object lives."""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

K = TypeVar("K", bound=object)
V = TypeVar("V")

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property as cached_property
else:

    class cached_property:  # noqa: N801 - the name of what it stands for
        """``functools.cached_property`` without the lock that it takes in Python 3.11.

        Rules ask for thousands of such properties, and each lock takes longer than most of them.
        """

        def __init__(self, function: Any) -> None:
            self._function = function
            self.__doc__ = function.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self._name = name

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            if instance is None:
                return self
            found = instance.__dict__[self._name] = self._function(instance)
            return found


_NUMBERS: Final = count()


class Memo(Generic[K, V]):
    """Values by owner, each kept in its owner.

    Unlike a ``WeakKeyDictionary`` it lets go of owners that their values refer to, as what is
    worked out about a project does.
    """

    def __init__(self) -> None:
        self._name = f"_memo_{next(_NUMBERS)}"

    def get(self, owner: K) -> V | None:
        """Return the value of an owner, None when it has none."""
        found: V | None = owner.__dict__.get(self._name)
        return found

    def setdefault(self, owner: K, value: V) -> V:
        """Return the value of an owner, which is ``value`` from now on if it had none."""
        found: V = owner.__dict__.setdefault(self._name, value)
        return found

    def __getitem__(self, owner: K) -> V:
        found: V = owner.__dict__[self._name]
        return found

    def __setitem__(self, owner: K, value: V) -> None:
        owner.__dict__[self._name] = value

    def __contains__(self, owner: K) -> bool:
        return self._name in owner.__dict__


class IdentityMemo(Generic[V]):
    """The newest values that were worked out about objects, each told apart by its identity.

    The objects are kept with the value, so that nothing else gets their identities.
    """

    def __init__(self, most: int = 5_000) -> None:
        """Keep up to ``most`` values."""
        self._most = most
        self._known: dict[tuple[int, ...], tuple[V, tuple[object, ...]]] = {}

    def get(self, *objects: object) -> tuple[V, tuple[object, ...]] | None:
        """Return the value of these objects with them, None when it is not known."""
        return self._known.get(tuple(map(id, objects)))

    def keep(self, value: V, *objects: object) -> V:
        """Remember and return the value of these objects."""
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[tuple(map(id, objects))] = (value, objects)
        return value
