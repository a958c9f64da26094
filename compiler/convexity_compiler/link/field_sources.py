"""Where the fields of an object validator are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import ObjectValidator

from convexity_compiler.link.model import FieldSource, Location
from convexity_compiler.link.symbols import Defined
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from convexity.values import Validator

    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.span import Span

_DEEPEST: Final = 10
"""Most names followed from one expression."""


def field_sources(
    resolver: Resolver, module: str, expression: e.Expr, validator: Validator | None
) -> tuple[FieldSource, ...]:
    """Return the places of the fields of ``expression`` as far as they are spelled somewhere.

    Follows names, ``**``, ``|``, ``v.object(...)`` and ``define_table(...)``. Fields that only the
    validator knows get the place of the whole expression.
    """
    found: dict[str, FieldSource] = {}
    _collect(resolver, module, expression, found, 0)
    if not isinstance(validator, ObjectValidator):
        return tuple(found.values())
    whole = Location(module, expression.span)
    return tuple(
        found.get(name) or FieldSource(name=name, key=whole, value=None)
        for name in validator.fields
    )


def _collect(
    resolver: Resolver,
    module: str,
    expression: e.Expr,
    found: dict[str, FieldSource],
    depth: int,
) -> None:
    if depth > _DEEPEST:
        return
    match expression:
        case e.Dict(items=items):
            for item in items:
                if item.key is None:
                    _collect(resolver, module, item.value, found, depth + 1)
                elif isinstance(item.key, e.Constant) and isinstance(item.key.value, str):
                    name = item.key.value
                    found[name] = _source(module, name, item.key.span, item.value)
        case e.Call(arguments=arguments, keywords=keywords):
            for argument in arguments:
                _collect(resolver, module, argument, found, depth + 1)
            for keyword in keywords:
                if keyword.name is None:
                    _collect(resolver, module, keyword.value, found, depth + 1)
                else:
                    found[keyword.name] = _source(
                        module, keyword.name, keyword.name_span, keyword.value
                    )
        case e.Binary(operator="|", left=left, right=right):
            _collect(resolver, module, left, found, depth + 1)
            _collect(resolver, module, right, found, depth + 1)
        case e.Attribute(name="fields", value=value):
            _collect(resolver, module, value, found, depth + 1)
        case e.Name() | e.Attribute():
            symbol = resolver.symbol(module, expression)
            if isinstance(symbol, Defined) and not symbol.attributes:
                for bound in resolver.bound(symbol.module, symbol.name):
                    definition = bound.definition
                    if isinstance(definition, Assign) and definition.value is not None:
                        _collect(resolver, symbol.module, definition.value, found, depth + 1)
        case _:
            pass


def _source(module: str, name: str, key: Span, value: e.Expr) -> FieldSource:
    return FieldSource(
        name=name,
        key=Location(module, key),
        value=Location(module, value.span),
        expression=value,
    )
