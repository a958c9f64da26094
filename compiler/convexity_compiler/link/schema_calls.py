"""Evaluation of ``define_schema``, ``define_table``, its chain of indexes, and ``schema.doc``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from convexity.values import Validator, v

from convexity_compiler.config import did_you_mean
from convexity_compiler.link import calls, index_calls
from convexity_compiler.link.field_sources import field_sources
from convexity_compiler.link.findings import FailedError
from convexity_compiler.link.model import Evaluated, LinkedTable, Location
from convexity_compiler.link.platform import (
    SYSTEM_TABLES,
    pagination_result,
    with_system_fields,
)
from convexity_compiler.link.values import (
    ClassValue,
    SchemaValue,
    Scope,
    TableValue,
    TypeValue,
)
from convexity_compiler.records import replace
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from convexity_compiler.link.calls import Calls
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.summary.node import Node

_ACCEPTED_TABLE: Final = "write `define_table(...)`, or a name that stands for it"


def define_table(evaluator: Evaluator, call: Calls, node: e.Call, scope: Scope) -> TableValue:
    """Evaluate ``define_table(...)``; a validator that fails leaves a table without one."""
    document: Validator | None
    try:
        document = _document(evaluator, call, node, scope)
    except FailedError:
        document = None
    return TableValue(
        document=Evaluated(
            expression=node,
            location=Location(scope.module, node.span),
            validator=document,
            fields=field_sources(evaluator.resolver, scope.module, node, document),
        ),
        indexes=(),
    )


def _document(evaluator: Evaluator, call: Calls, node: e.Call, scope: Scope) -> Validator:
    keywords = call.keywords(node, scope, "field")
    if not node.arguments:
        return _object(evaluator, keywords, node, scope)
    if len(node.arguments) > 1 or keywords:
        reason = "takes either one validator of the documents or fields as keywords"
        raise evaluator.failure(node, scope, reason, "invalid_call", "give the fields as keywords")
    argument = node.arguments[0]
    value = evaluator.evaluate(argument, scope, "table")
    if isinstance(value, Mapping):
        return _object(evaluator, value, argument, scope)
    if isinstance(value, ClassValue | TypeValue):
        return evaluator.typed_dicts.validator(value, argument, scope)
    return calls.require_validator(evaluator, value, argument, scope)


def _object(evaluator: Evaluator, fields: Mapping[Any, Any], node: Node, scope: Scope) -> Validator:
    try:
        return v.object(calls.require_fields(evaluator, fields, node, scope))
    except (TypeError, ValueError) as error:
        raise evaluator.failure(
            node, scope, str(error), "invalid_call", "correct the fields"
        ) from None


def add_index(
    evaluator: Evaluator, table: TableValue, method: str, node: e.Call, scope: Scope
) -> TableValue:
    """Evaluate one index of a table's chain; one that fails leaves the table incomplete."""
    try:
        index = index_calls.linked_index(evaluator, method, node, scope)
    except FailedError:
        return replace(table, is_complete=False)
    return replace(table, indexes=(*table.indexes, index))


def define_schema(evaluator: Evaluator, node: e.Call, scope: Scope) -> SchemaValue:
    """Evaluate ``define_schema(...)``; tables that fail are left out and remembered."""
    tables: dict[str, LinkedTable] = {}
    failed: set[str] = set()
    is_complete = True
    validation = True
    for name, key, expression in _entries(node):
        if name == "schema_validation" and isinstance(key, e.Keyword):
            validation = _validation(evaluator, expression, scope)
            continue
        try:
            value = evaluator.evaluate(expression, scope)
            if name is None:
                for entry_name, entry in _unpacked(evaluator, value, expression, scope).items():
                    tables[entry_name] = _table(entry_name, entry, expression, expression, scope)
            elif isinstance(value, TableValue):
                tables[name] = _table(name, value, key, expression, scope)
            else:
                reason = "is not a table"
                raise evaluator.failure(expression, scope, reason, accepted=_ACCEPTED_TABLE)
        except FailedError:
            if name is None:
                is_complete = False
            else:
                failed.add(name)
    return SchemaValue(
        location=Location(scope.module, node.span),
        tables=tables,
        failed=frozenset(failed),
        is_complete=is_complete and not failed,
        schema_validation=validation,
    )


def table_names(node: e.Call) -> list[str]:
    """Names of the tables that a call of ``define_schema`` spells, before it is evaluated."""
    return [
        name for name, _, _ in _entries(node) if name is not None and name != "schema_validation"
    ]


def schema_method(
    evaluator: Evaluator,
    schema: SchemaValue,
    method: str,
    node: e.Call,
    scope: Scope,
    position: str | None,
) -> Validator:
    """Evaluate ``schema.doc("t")`` or ``schema.id("t")``."""
    names = evaluator.elements(node.arguments, scope)
    if len(names) != 1 or not isinstance(names[0], str) or node.keywords:
        reason = f"`.{method}()` takes the name of one table"
        raise evaluator.failure(
            node, scope, reason, "invalid_call", f'write `schema.{method}("messages")`'
        )
    name = names[0]
    validator: Validator
    if method == "id":
        validator = _id(evaluator, name, node, scope)
    elif name in SYSTEM_TABLES:
        validator = with_system_fields(name, SYSTEM_TABLES[name])
    else:
        table = schema.tables.get(name)
        if table is None and (name in schema.failed or not schema.is_complete):
            raise FailedError
        if table is None:
            raise evaluator.failure(
                node.arguments[0],
                scope,
                f"the schema has no table `{name}`{did_you_mean(name, schema.tables)}",
                "undefined",
                "name a table of schema.py",
            )
        if table.document.validator is None:
            raise FailedError
        validator = with_system_fields(name, table.document.validator)
    evaluator.findings.use(
        scope.module, node, method, call=node, validator=validator, parent=position
    )
    return validator


def page_validator(evaluator: Evaluator, node: e.Call, scope: Scope) -> Validator:
    """Evaluate ``pagination_result_validator(item)``."""
    arguments = evaluator.elements(node.arguments, scope)
    if len(arguments) != 1 or node.keywords:
        reason = "takes the validator of one item of the page"
        raise evaluator.failure(node, scope, reason, "invalid_call", "give it one validator")
    item = calls.require_validator(evaluator, arguments[0], node.arguments[0], scope)
    try:
        return pagination_result(item)
    except (TypeError, ValueError) as error:
        raise evaluator.failure(
            node, scope, str(error), "invalid_call", "give it one validator"
        ) from None


def _id(evaluator: Evaluator, name: str, node: e.Call, scope: Scope) -> Validator:
    try:
        return v.id(name)
    except ValueError as error:
        raise evaluator.failure(
            node, scope, str(error), "invalid_call", "name a table of schema.py"
        ) from None


def _entries(node: e.Call) -> list[tuple[str | None, Node, e.Expr]]:
    """Name, place of the name and expression of each table; no name for what is unpacked."""
    entries: list[tuple[str | None, Node, e.Expr]] = []
    for argument in node.arguments:
        if isinstance(argument, e.Dict):
            for item in argument.items:
                key = item.key
                if isinstance(key, e.Constant) and isinstance(key.value, str):
                    entries.append((key.value, key, item.value))
                elif key is None:
                    entries.append((None, item, item.value))
                else:
                    entries.append((None, argument, argument))
                    break
        else:
            entries.append((None, argument, argument))
    entries.extend((keyword.name, keyword, keyword.value) for keyword in node.keywords)
    return entries


def _table(
    name: str, value: TableValue, key: Node, expression: e.Expr, scope: Scope
) -> LinkedTable:
    span = key.name_span if isinstance(key, e.Keyword) else key.span
    return LinkedTable(
        name=name,
        location=Location(scope.module, expression.span),
        name_location=Location(scope.module, span),
        document=value.document,
        indexes=value.indexes,
        is_complete=value.is_complete,
    )


def _unpacked(
    evaluator: Evaluator, value: object, node: Node, scope: Scope
) -> dict[str, TableValue]:
    if not isinstance(value, Mapping):
        raise evaluator.failure(node, scope, "is not a dict of tables", accepted=_ACCEPTED_TABLE)
    found: dict[str, TableValue] = {}
    for name, table in value.items():
        if not isinstance(name, str) or not isinstance(table, TableValue):
            raise evaluator.failure(
                node, scope, "is not a dict of tables", accepted=_ACCEPTED_TABLE
            )
        found[name] = table
    return found


def _validation(evaluator: Evaluator, expression: e.Expr, scope: Scope) -> bool:
    try:
        value = evaluator.evaluate(expression, scope)
        if not isinstance(value, bool):
            raise evaluator.failure(
                expression, scope, "is not True or False", accepted="write True or False"
            )
    except FailedError:
        return True
    return value
