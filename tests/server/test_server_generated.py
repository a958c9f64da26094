"""What generated modules are made of at run time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TypedDict

import pytest
from convexity.errors import ContextError, InvalidArgumentsError
from convexity.functions.environment import EnvironmentVariableError
from convexity.functions.references import reference_path
from convexity.server import (
    ActionReference,
    FunctionReference,
    MutationReference,
    QueryReference,
    create_function_handle,
    mutation_reference,
)
from convexity.server.generated import data_model_attribute, environment, reference_tree
from convexity.values import Id, Table, v

api: Any = reference_tree("api")
components: Any = reference_tree("components")


def test_chains_are_references_to_paths() -> None:
    ref = api.messages.access.h
    assert reference_path(ref) == "messages/access:h"
    assert reference_path(api.index.list) == "index:list"
    assert isinstance(ref, QueryReference)
    assert isinstance(ref, MutationReference)
    assert isinstance(ref, ActionReference)
    assert ref == api.messages.access.h
    assert ref != api.messages.access.other
    assert len({ref, api.messages.access.h}) == 1


@pytest.mark.parametrize("name", ["path", "name", "component", "mro", "handler"])
def test_any_public_name_can_be_a_function(name: str) -> None:
    assert reference_path(getattr(api.module, name)) == f"module:{name}"


def test_references_are_not_called_and_register_nothing() -> None:
    with pytest.raises(TypeError, match=r"api\.messages\.send is a reference: it cannot be called"):
        api.messages.send(body="x")

    async def send() -> None: ...

    with pytest.raises(TypeError, match="registers nothing"):
        api.messages.send(send)


def test_what_is_no_function_is_named() -> None:
    with pytest.raises(InvalidArgumentsError, match="names a module, not a function"):
        reference_path(api.messages)
    with pytest.raises(InvalidArgumentsError, match="is not a function reference"):
        reference_path("messages:send")


async def test_handles_are_made_while_a_function_runs() -> None:
    with pytest.raises(ContextError, match="outside of a query, mutation or action"):
        await create_function_handle(components.agent.threads.list)


def test_stub_decorators_make_references() -> None:
    class Stub:
        @mutation_reference("messages/access:send")
        @staticmethod
        def send(*, body: str) -> None: ...

    assert isinstance(Stub.send, FunctionReference)
    assert reference_path(Stub.send) == "messages/access:send"


TABLES = {"Messages": "messages"}


def test_markers_name_their_table() -> None:
    marker = data_model_attribute("Messages", TABLES)
    assert issubclass(marker, Table)
    assert marker.__table_name__ == "messages"
    assert marker is data_model_attribute("Messages", TABLES)
    make: Any = TypedDict
    row = make("Row", {"id": Id.__class_getitem__(marker)})  # type: ignore[attr-defined]
    assert v.object(row).fields["id"] == v.id("messages")


def test_other_types_are_placeholders() -> None:
    placeholder: Any = data_model_attribute("MessagesDoc", TABLES)
    assert placeholder.__convexity_generated__ is True
    assert placeholder is data_model_attribute("MessagesDoc", TABLES)
    assert repr(v.object(placeholder)) == "v.object(MessagesDoc)"
    assert placeholder | None

    class More(placeholder):  # type: ignore[misc]
        extra: str

    assert "extra" in More.__annotations__


@pytest.mark.parametrize("name", ["messages", "__path__", "_private"])
def test_names_that_cannot_be_types_are_refused(name: str) -> None:
    with pytest.raises(AttributeError, match=f"has no type '{name}'"):
        data_model_attribute(name, TABLES)


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    package = tmp_path / "env_project"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "convex_config.py").write_text(
        "from convexity.server import define_app\n"
        "from convexity.values import v\n"
        "app = define_app(env={'MODEL': v.string(), 'EXTRA': v.optional(v.string()),\n"
        "                      'MODE': v.optional(v.literal('fast', 'slow'))})\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("env_project", "env_project.convex_config"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return environment("env_project._generated")


def test_declared_variables_are_read_at_each_use(env: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("MODEL", "one")
    assert env.MODEL == "one"
    monkeypatch.setenv("MODEL", "two")
    assert env.MODEL == "two"
    assert env.EXTRA is None


def test_missing_and_wrong_variables_are_named(env: Any, monkeypatch: Any) -> None:
    monkeypatch.delenv("MODEL", raising=False)
    with pytest.raises(EnvironmentVariableError, match="MODEL is not set"):
        _ = env.MODEL
    monkeypatch.setenv("MODE", "warp")
    with pytest.raises(
        EnvironmentVariableError, match=r"MODE is not as declared: it must match v.union"
    ):
        _ = env.MODE
    with pytest.raises(AttributeError, match=r"OTHER is not declared: add it to define_app"):
        _ = env.OTHER


def test_without_a_config_only_the_addresses_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEX_SITE_URL", "http://localhost")
    env: Any = environment("json._generated")
    assert env.CONVEX_SITE_URL == "http://localhost"
    with pytest.raises(AttributeError, match="is not declared"):
        _ = env.PATH
