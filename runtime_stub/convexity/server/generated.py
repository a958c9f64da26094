"""What the generated ``_generated/{api,data_model,server}.py`` are made of at run time.

These modules do not grow with the project: attribute chains stand for references, placeholders for
types. The stubs beside them know the fields and signatures.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Literal, TypedDict, overload

from convexity.database.reader import DatabaseReader
from convexity.database.writer import DatabaseWriter
from convexity.errors import DefinitionError
from convexity.functions.contexts import ActionCtx, MutationCtx, QueryCtx
from convexity.functions.environment import Env
from convexity.functions.references import ComponentTree, ReferenceChain
from convexity.functions.registration import (
    action,
    http_action,
    internal_action,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from convexity.server.components import ComponentDefinition
from convexity.values import Table

__all__ = [
    "ActionCtx",
    "DatabaseReader",
    "DatabaseWriter",
    "Env",
    "MutationCtx",
    "QueryCtx",
    "action",
    "data_model_attribute",
    "environment",
    "http_action",
    "internal_action",
    "internal_mutation",
    "internal_query",
    "mutation",
    "query",
    "reference_tree",
]

_placeholders: dict[tuple[str, str | None], type[Any]] = {}


@overload
def reference_tree(root: Literal["api", "internal"], /) -> ReferenceChain: ...
@overload
def reference_tree(root: Literal["components"], /) -> ComponentTree: ...
def reference_tree(root: str, /) -> ReferenceChain | ComponentTree:
    """The object that ``_generated.api`` exports as ``api``, ``internal`` or ``components``."""
    return ComponentTree() if root == "components" else ReferenceChain()


def data_model_attribute(name: str, tables: Mapping[str, str], /) -> type[Any]:
    """The type that ``_generated.data_model`` exports as ``name``; for its ``__getattr__``.

    Args:
        name: name of the attribute.
        tables: names of tables by the names of their marker classes.

    Returns:
        the marker class of a table, or for another capitalised name a placeholder for a
        ``TypedDict``; always the same object for the same name.

    Raises:
        AttributeError: no generated type can have that name.
    """
    if not name[:1].isupper():
        raise AttributeError(
            f"_generated.data_model has no type {name!r}: it holds a marker such as `Messages` "
            "and types such as `MessagesDoc` per table; run `convexity codegen` after a change of "
            "the schema"
        )
    table = tables.get(name)
    known = _placeholders.get((name, table))
    if known is None:
        known = _placeholder(name) if table is None else _marker(name, table)
        _placeholders[name, table] = known
    return known


def _marker(name: str, table: str) -> type[Any]:
    return type(name, (Table,), {"__table_name__": table, "__module__": __name__})


def _placeholder(name: str) -> type[Any]:
    make: Any = TypedDict  # its name is only known now, which type checkers refuse
    placeholder = make(name, {})
    placeholder.__convexity_generated__ = True
    result: type[Any] = placeholder
    return result


def environment(package: str | None, /) -> Env:
    """The object that ``_generated.server`` exports as ``env``.

    What is declared is looked up at the first use, because ``convex_config.py`` may import
    components.

    Args:
        package: ``__package__`` of the generated module, ``convex._generated``.
    """
    functions_package = (package or "").rpartition(".")[0]
    return Env(lambda: _declared_environment(functions_package))


def _declared_environment(functions_package: str) -> Mapping[str, Any]:
    name = f"{functions_package}.convex_config"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return {}
        raise
    exported = getattr(module, "app", getattr(module, "component", None))
    if not isinstance(exported, ComponentDefinition):
        raise DefinitionError(
            f"{name} must export `app = define_app(...)` or `component = define_component(...)`"
        )
    return exported.env
