"""Functions of the standard library that static evaluation may call, and words for values."""

from __future__ import annotations

from collections.abc import Callable, Sized
from datetime import timedelta
from typing import Any, Final

from convexity.values import Int64, Validator

from convexity_compiler.link.operators import LARGEST_COLLECTION
from convexity_compiler.link.platform import PAGINATION_OPTIONS
from convexity_compiler.link.values import ClassValue, ExternalValue, FunctionValue, TypeValue

PAGINATION: Final[Validator] = PAGINATION_OPTIONS

PLAIN: Final[dict[str, Callable[..., Any]]] = {
    "builtins.dict": dict,
    "builtins.list": list,
    "builtins.tuple": tuple,
    "builtins.set": set,
    "builtins.frozenset": frozenset,
    "builtins.len": len,
    "builtins.range": range,
    "builtins.zip": zip,
    "builtins.enumerate": enumerate,
    "builtins.reversed": reversed,
    "builtins.sorted": sorted,
    "builtins.min": min,
    "builtins.max": max,
    "builtins.sum": sum,
    "builtins.str": str,
    "builtins.int": int,
    "builtins.float": float,
    "builtins.bool": bool,
    "convexity.values.Int64": Int64,
    "datetime.timedelta": timedelta,
    "types.MappingProxyType": dict,
}

_TYPE_SUGGESTIONS: Final = {
    "builtins.str": "write `v.string()`",
    "builtins.int": "write `v.number()`, or `v.int64()`",
    "builtins.float": "write `v.number()`",
    "builtins.bool": "write `v.boolean()`",
    "builtins.bytes": "write `v.bytes()`",
    "builtins.list": "write `v.array(...)`",
    "builtins.dict": "write `v.record(...)` or `v.object(...)`",
    "typing.Any": "write `v.any()`",
}


def is_bounded(value: object) -> bool:
    """Whether a value is small enough to go on with."""
    return not isinstance(value, Sized) or len(value) <= LARGEST_COLLECTION


def describe(value: object) -> str:
    """Name a value in a message: ``the type `str```, ``the string 'x'``."""
    match value:
        case ExternalValue(name=name):
            kind, _, short = name.rpartition(".")
            return f"the type `{short}`" if kind in ("builtins", "typing") else f"`{name}`"
        case ClassValue(definition=definition):
            return f"the class `{definition.name}`"
        case TypeValue():
            return "a type"
        case FunctionValue(function=function):
            return f"the function `{function.name}`"
        case None:
            return "None"
        case _:
            text = repr(value)
            return f"{type(value).__name__} {text if len(text) <= 40 else text[:37] + '...'}"


def suggestion(value: object) -> str:
    """Say what to write instead of ``value`` where a validator is due."""
    match value:
        case ExternalValue(name=name) if name in _TYPE_SUGGESTIONS:
            return _TYPE_SUGGESTIONS[name]
        case ClassValue(definition=definition):
            return f"write `v.object({definition.name})` if it is a TypedDict"
        case None:
            return "write `v.null()`"
        case dict():
            return "write `v.object({...})`"
        case str() | int() | float():
            return f"write `v.literal({value!r})` for exactly this value"
        case _:
            return "write a validator, such as `v.string()`"
