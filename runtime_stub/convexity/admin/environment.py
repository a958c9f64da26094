"""Environment variables that are stored: what admins list, set and remove."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from convexity.admin.documents import transaction_of
from convexity.admin.system_functions import Deployed, SystemFunctions
from convexity.database.ranges import HIGHEST, LOWEST
from convexity.database.transaction import Transaction
from convexity.functions.environment import BUILT_IN_VARIABLES, not_set, variable_problem
from convexity.functions.variables import INDEX, TABLE
from convexity.values import v
from convexity.values.limits import (
    MAX_VARIABLE_NAME_LENGTH,
    MAX_VARIABLE_VALUE_SIZE,
    MAX_VARIABLES,
)
from convexity.values.ordering import encode_key, key_after_prefix

if TYPE_CHECKING:
    from convexity.backend import Backend
    from convexity.database.engine import WriteTransaction
    from convexity.functions.contexts import QueryCtx
    from convexity.values import Fields

FUNCTIONS: Final = SystemFunctions()

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class VariableError(Exception):
    """A change that is refused.

    Attributes:
        code: Short code for programs.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Change(NamedTuple):
    """A variable to set, or with ``None`` to remove."""

    name: str
    value: str | None


@FUNCTIONS.query("_system/cli/queryEnvironmentVariables")
async def list_variables(ctx: QueryCtx, deployed: Deployed) -> list[dict[str, Any]]:
    """The stored variables by name, with their values."""
    del deployed
    return await _rows(transaction_of(ctx))


@FUNCTIONS.query("_system/cli/queryEnvironmentVariables:get", name=v.string())
async def get_variable(ctx: QueryCtx, deployed: Deployed, name: str) -> dict[str, Any] | None:
    """A stored variable, if there is one."""
    del deployed
    found = await _rows(transaction_of(ctx), name)
    return found[0] if found else None


@FUNCTIONS.query("_system/frontend/listEnvironmentVariables")
async def frontend_list_variables(ctx: QueryCtx, deployed: Deployed) -> list[dict[str, Any]]:
    """The stored variables by name, with their values."""
    del deployed
    return await _rows(transaction_of(ctx))


async def update(backend: Backend, changes: Sequence[Change]) -> None:
    """Make changes, all of them or none; the next call of a function sees them.

    Raises:
        VariableError: a name or value cannot be used, a value is not as declared, or a declared
            variable would be missing.
    """
    for change in changes:
        _check(change, backend.declared_variables, backend.variables.process_value(change.name))

    async def work(store: WriteTransaction) -> None:
        transaction = Transaction(store, backend.runner.components.application.database)
        for change in changes:
            await _apply(transaction, change)
        if len(await _rows(transaction)) > MAX_VARIABLES:
            raise VariableError(
                "EnvVarLimitMet", f"The environment variable limit ({MAX_VARIABLES}) has been met."
            )

    await backend.runner.calls.write(work)


async def stored(backend: Backend) -> dict[str, str]:
    """The stored variables by name."""
    async with backend.engine.snapshot() as snapshot:
        rows = await _rows(Transaction(snapshot, backend.runner.components.application.database))
    return {row["name"]: row["value"] for row in rows}


def _check(change: Change, declared: Fields, process_value: str | None) -> None:
    name, value = change
    if not _NAME.fullmatch(name):
        raise VariableError(
            "EnvironmentVariableNameInvalid",
            f"The environment variable name {name[:MAX_VARIABLE_NAME_LENGTH]!r} is invalid. Names "
            "begin with a letter or an underscore, and hold letters, digits and underscores only.",
        )
    if len(name) > MAX_VARIABLE_NAME_LENGTH:
        raise VariableError(
            "EnvironmentVariableNameTooLong",
            f"The environment variable name {name[:MAX_VARIABLE_NAME_LENGTH]}... is too long: at "
            f"most {MAX_VARIABLE_NAME_LENGTH} characters.",
        )
    if name in BUILT_IN_VARIABLES:
        raise VariableError(
            "EnvVarNameForbidden",
            f'Environment variable with name "{name}" is built-in and cannot be overridden',
        )
    if value is not None:
        size = len(value.encode("utf-8", "surrogatepass"))
        if size > MAX_VARIABLE_VALUE_SIZE:
            raise VariableError(
                "EnvironmentVariableValueTooLarge",
                f"The value of {name} is {size} bytes long: at most {MAX_VARIABLE_VALUE_SIZE}.",
            )
        if "\0" in value or not _is_text(value):
            raise VariableError(
                "EnvironmentVariableValueInvalid", f"The value of {name} is no Unicode text."
            )
    validator = declared.get(name)
    if validator is None:
        return
    problem = variable_problem(name, process_value if value is None else value, validator)
    if problem is not None and value is None and problem == not_set(name):
        raise VariableError(
            "RequiredEnvironmentVariable",
            f"{name} is required, and the environment of the process does not set it: deploy "
            "without its declaration first, or set another value.",
        )
    if problem is not None:
        raise VariableError("EnvironmentVariableValueInvalid", f"{problem}.")


def _is_text(value: str) -> bool:
    return value.encode("utf-8", "replace").decode() == value


async def _apply(transaction: Transaction, change: Change) -> None:
    found = await _rows(transaction, change.name)
    if change.value is None:
        for row in found:
            await transaction.delete(row["_id"])
    elif found:
        await transaction.patch(found[0]["_id"], {"value": change.value})
    else:
        await transaction.insert(TABLE, {"name": change.name, "value": change.value})


async def _rows(transaction: Transaction, name: str | None = None) -> list[dict[str, Any]]:
    table = transaction.catalog.table(TABLE)
    lower, upper = LOWEST, HIGHEST
    if name is not None:
        lower = encode_key((name,))
        upper = key_after_prefix(lower)
    found = await transaction.scan(
        table, table.indexes[INDEX], lower, upper, limit=2 * MAX_VARIABLES
    )
    return [row.document for row in found]


def changes_of(body: Mapping[str, Any]) -> list[Change]:
    """The changes in ``{"changes": [{"name", "value"}]}``.

    Raises:
        ValueError: it has another shape.
    """
    listed = body.get("changes")
    if not isinstance(listed, list):
        raise ValueError("`changes` is missing or no array")
    changes = []
    for entry in listed:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise ValueError("each change must be an object with a `name`")
        value = entry.get("value")
        if value is not None and not isinstance(value, str):
            raise ValueError(f"the value of {entry['name']!r} must be a string, or null to remove")
        changes.append(Change(entry["name"], value))
    return changes
