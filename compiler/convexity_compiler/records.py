"""The decorators of what stages hand to each other.

They make what ``dataclasses`` would make, for what the stages need of it: a check defines a hundred
classes before it looks at anything, and a dataclass takes ten times as long to define.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class of keyword arguments that are compared by value.

    Type checkers treat it as frozen: at run time that would make each object three times as slow to
    build.
    """
    return define(cls, by_keyword=True)


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class like a record, of few fields that are given by position."""
    return define(cls, by_keyword=False)


def define(cls: type[T], *, by_keyword: bool) -> type[T]:
    """Return the class with slots for its annotations, and with the methods that it lacks.

    The names of the fields, those of its bases first, are its ``__match_args__``.
    """
    own = dict(vars(cls))
    fields = [name for name, kind in own.get("__annotations__", {}).items() if _is_field(kind)]
    names = (*getattr(cls, "__match_args__", ()), *fields)
    defaults = {name: own.pop(name) for name in fields if name in own}
    defaults = {**getattr(cls, "_defaults", {}), **defaults}
    for name in ("__dict__", "__weakref__"):
        own.pop(name, None)
    methods = {
        "__eq__": _equals,
        "__hash__": _hash,
        "__repr__": _text,
        "_content": attrgetter(*names),
        "_defaults": defaults,
        "__init__": _init(names, defaults, by_keyword=by_keyword),
        "__slots__": tuple(fields),
        "__match_args__": names,
    }
    inherited = ("__eq__", "__hash__", "__repr__")
    for name in inherited:
        if getattr(cls, name) is not getattr(object, name):
            del methods[name]
    defined: type[T] = type(cls)(cls.__name__, cls.__bases__, {**own, **methods})  # type: ignore[misc]
    return defined


def replace(entry: T, **changes: object) -> T:
    """Return a record like another one, with some fields changed."""
    names: tuple[str, ...] = entry.__match_args__  # type: ignore[attr-defined]  # by ``define``
    return type(entry)(**{name: getattr(entry, name) for name in names} | changes)


def _is_field(annotation: str) -> bool:
    return not annotation.startswith("ClassVar")


def _init(names: tuple[str, ...], defaults: dict[str, object], *, by_keyword: bool) -> object:
    parameters = [f"{name}=_defaults[{name!r}]" if name in defaults else name for name in names]
    if by_keyword:
        parameters.insert(0, "*")
    body = "; ".join(f"self.{name} = {name}" for name in names)
    found: dict[str, object] = {"_defaults": defaults}
    exec(f"def __init__(self, {', '.join(parameters)}): {body}", found)
    return found["__init__"]


def _equals(self: Any, other: Any) -> bool:
    if type(other) is not type(self):
        return NotImplemented  # type: ignore[no-any-return]  # as Python has it
    return self is other or bool(self._content(self) == other._content(other))


def _hash(self: Any) -> int:
    return hash(self._content(self))


def _text(self: Any) -> str:
    """The object as it would be written."""
    fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__name__}({fields})"
