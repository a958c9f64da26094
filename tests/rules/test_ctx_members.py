"""What rules know of contexts is what the runtime has."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from convexity.auth.identity import UserIdentity
from convexity.database.query import IndexRange, OrderedQuery, Query, TableQuery
from convexity.database.reader import SystemReader
from convexity.database.writer import DatabaseWriter
from convexity.functions.auth import Auth
from convexity.functions.callers import ActionCaller
from convexity.functions.meta import ActionMeta, MutationMeta
from convexity.functions.scheduling import Scheduler
from convexity.functions.storage import StorageActionWriter
from convexity_compiler.rules.usage.ctx_members import (
    IDENTITY_KEYS,
    METHODS,
    OTHERS,
    QUERY_PATH,
)

CLASSES: dict[tuple[str, ...], tuple[type[Any], ...]] = {
    ("db",): (DatabaseWriter,),
    ("db", "system"): (SystemReader,),
    ("scheduler",): (Scheduler,),
    ("auth",): (Auth,),
    ("storage",): (StorageActionWriter,),
    ("meta",): (MutationMeta, ActionMeta),
    ("options",): (ActionCaller,),
    QUERY_PATH: (OrderedQuery, Query, TableQuery, IndexRange),
}
NOT_IN_THE_RUNTIME = {(QUERY_PATH, "search")}
"""Parts of the language that this version of the runtime refuses one step earlier."""
DEPRECATED = {"get_metadata"}
"""What a rule of its own reports, and no message proposes."""

every_part = pytest.mark.parametrize("path", CLASSES, ids=".".join)


def test_every_part_is_compared() -> None:
    assert set(CLASSES) == set(METHODS)


@every_part
def test_the_names_are_those_of_the_classes(path: tuple[str, ...]) -> None:
    public = {name for cls in CLASSES[path] for name in dir(cls) if not name.startswith("_")}
    public -= DEPRECATED
    known = METHODS[path].keys() | OTHERS.get(path, frozenset())
    assert {name for name in known if (path, name) not in NOT_IN_THE_RUNTIME} == public


@every_part
def test_the_shapes_are_those_of_the_signatures(path: tuple[str, ...]) -> None:
    for name, shape in METHODS[path].items():
        for cls in CLASSES[path]:
            if not hasattr(cls, name):
                continue
            parameters = list(inspect.signature(getattr(cls, name)).parameters.values())[1:]
            kinds = {parameter.kind for parameter in parameters}
            positional = [entry for entry in parameters if entry.kind is entry.POSITIONAL_ONLY]
            is_open = inspect.Parameter.VAR_POSITIONAL in kinds
            keywords = frozenset(
                entry.name for entry in parameters if entry.kind is entry.KEYWORD_ONLY
            )
            assert inspect.Parameter.POSITIONAL_OR_KEYWORD not in kinds, name
            assert shape.least == sum(entry.default is entry.empty for entry in positional), name
            assert shape.most == (None if is_open else len(positional)), name
            assert shape.keywords == (
                None if inspect.Parameter.VAR_KEYWORD in kinds else keywords
            ), name


def test_the_keys_of_identities_are_those_of_the_type() -> None:
    assert set(UserIdentity.__annotations__) == IDENTITY_KEYS
