"""Classes of the standard library whose objects are no Convex values, and how to convert them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.symbols import Defined, External
from convexity_compiler.summary.model import ClassSummary

if TYPE_CHECKING:
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.link.symbols import Symbol


class NonValue(NamedTuple):
    """Something that can be neither stored nor sent."""

    name: str
    """As in a message: ``datetime``, ``Point``."""
    conversion: str = ""
    """Expression that makes a value of it, with ``{}`` for itself; empty where none is known."""


_TO_MILLIS: Final = "to_millis({})"
_TEXT: Final = "str({})"
_LIST: Final = "list({})"
_SORTED: Final = "sorted({})"

_CLASSES: Final = {
    "datetime.datetime": NonValue("datetime", _TO_MILLIS),
    "datetime.date": NonValue("date", "{}.isoformat()"),
    "datetime.time": NonValue("time", "{}.isoformat()"),
    "datetime.timedelta": NonValue("timedelta", "{}.total_seconds()"),
    "decimal.Decimal": NonValue("Decimal", _TEXT),
    "fractions.Fraction": NonValue("Fraction", _TEXT),
    "uuid.UUID": NonValue("UUID", _TEXT),
    "pathlib.Path": NonValue("Path", _TEXT),
    "pathlib.PurePath": NonValue("PurePath", _TEXT),
    "builtins.set": NonValue("set", _SORTED),
    "builtins.frozenset": NonValue("frozenset", _SORTED),
    "typing.Set": NonValue("set", _SORTED),
    "typing.FrozenSet": NonValue("frozenset", _SORTED),
    "builtins.tuple": NonValue("tuple", _LIST),
    "typing.Tuple": NonValue("tuple", _LIST),
    "builtins.range": NonValue("range", _LIST),
    "builtins.bytearray": NonValue("bytearray", "bytes({})"),
    "builtins.memoryview": NonValue("memoryview", "bytes({})"),
    "builtins.complex": NonValue("complex"),
    "collections.deque": NonValue("deque", _LIST),
}
_FACTORIES: Final = {
    "datetime.datetime": ("now", "utcnow", "today", "fromtimestamp", "fromisoformat", "strptime"),
    "datetime.date": ("today", "fromisoformat"),
    "pathlib.Path": ("cwd", "home"),
}
_FUNCTIONS: Final = {
    "uuid.uuid1": "uuid.UUID",
    "uuid.uuid3": "uuid.UUID",
    "uuid.uuid4": "uuid.UUID",
    "uuid.uuid5": "uuid.UUID",
    "convexity.values.from_millis": "datetime.datetime",
    **{
        f"{origin}.{method}": origin for origin, methods in _FACTORIES.items() for method in methods
    },
}
"""Functions whose result is an object of a class, by name."""
_PLAIN_BASES: Final = frozenset(
    {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", "pydantic.BaseModel"}
)
"""Bases that make no value of a class."""
_ENUMS: Final = frozenset({"enum.Enum", "enum.Flag"})

DATETIME: Final = _CLASSES["datetime.datetime"]
TIMEDELTA: Final = _CLASSES["datetime.timedelta"]
SET: Final = _CLASSES["builtins.set"]
TUPLE: Final = _CLASSES["builtins.tuple"]
GENERATOR: Final = NonValue("generator", _LIST)


def class_of(resolver: Resolver, symbol: Symbol | None) -> NonValue | None:
    """Return what the objects of a class are, if they are surely no values."""
    if isinstance(symbol, External):
        return _CLASSES.get(symbol.name)
    found = _class(resolver, symbol)
    if found is None:
        return None
    module, definition = found
    for base in definition.bases:
        origin = resolver.qualified_name(module, getattr(base, "value", base))
        origin = resolver.qualified_name(module, base) or origin
        if origin in _ENUMS:
            return NonValue(definition.name, "{}.value")
        if origin not in _PLAIN_BASES:
            return None
    if definition.type_parameters or definition.keywords:
        return None
    decorators = {
        resolver.qualified_name(module, getattr(entry, "function", entry))
        for entry in definition.decorators
    }
    is_dataclass = "dataclasses.dataclass" in decorators
    is_model = any(
        resolver.qualified_name(module, base) == "pydantic.BaseModel" for base in definition.bases
    )
    conversion = "asdict({})" if is_dataclass else "{}.model_dump()" if is_model else ""
    return NonValue(definition.name, conversion)


def result_of(origin: str) -> NonValue | None:
    """Return what a function or class outside the project gives, if that is surely no value."""
    return _CLASSES.get(_FUNCTIONS.get(origin, origin))


def enum_member(resolver: Resolver, symbol: Symbol | None) -> NonValue | None:
    """Return what ``Color.RED`` is: the member of a plain enumeration is no value."""
    if not isinstance(symbol, Defined) or len(symbol.attributes) != 1:
        return None
    owner = Defined(symbol.module, symbol.name)
    found = _class(resolver, owner)
    known = class_of(resolver, owner)
    if found is None or known is None or known.conversion != "{}.value":
        return None
    names = {entry.name for entry in found[1].fields}
    return known if symbol.attributes[0] in names else None


def _class(resolver: Resolver, symbol: Symbol | None) -> tuple[str, ClassSummary] | None:
    if not isinstance(symbol, Defined) or symbol.attributes:
        return None
    bound = resolver.bound(symbol.module, symbol.name)
    if len(bound) != 1 or not isinstance(bound[0].definition, ClassSummary):
        return None
    return symbol.module, bound[0].definition
