"""IR of small projects, as ``lower`` would produce it."""

from __future__ import annotations

from convexity.values import Int64, v
from convexity.values.validators import integral_number
from convexity_compiler.ir import (
    EnvironmentVariableIR,
    FunctionIR,
    IndexIR,
    ModuleIR,
    ProjectIR,
    TableIR,
)


def index(table: str, name: str, *fields: str) -> IndexIR:
    return IndexIR(name=name, fields=fields, storage=f"{table}__{name}")


def table(name: str, validator, *indexes: IndexIR) -> TableIR:
    return TableIR(
        name=name,
        validator=validator,
        indexes=(index(name, "by_creation_time", "_creationTime"), *indexes),
        storage=f"{name}__documents",
        view=name,
    )


def function(path: str, *, args=None, returns=None, **more) -> FunctionIR:
    module, _, name = path.partition(":")
    return FunctionIR(
        **{
            "path": path,
            "module": module,
            "name": name,
            "definition": name,
            "kind": "query",
            "visibility": "public",
            "args": args if args is not None else v.object({}),
            "returns": returns if returns is not None else v.null(),
            "docstring": None,
            **more,
        }
    )


def project(*modules: ModuleIR, tables=(), **more) -> ProjectIR:
    return ProjectIR(
        **{
            "name": "example",
            "component_name": None,
            "path": "",
            "has_config": False,
            "functions_folder": "convex",
            "tables": tuple(tables),
            "schema_validation": True,
            "has_schema": bool(tables),
            "modules": modules,
            "routes": (),
            "crons": (),
            "environment": (),
            "components": (),
            "has_auth": False,
            "python_modules": (),
            "dependencies": (),
            **more,
        }
    )


MESSAGE = v.object(
    channelId=v.id("channels"), authorId=v.optional(v.id("users")), content=v.string()
)
MESSAGE_DOC = v.object(_id=v.id("messages"), _creationTime=v.number()).extend(MESSAGE.fields)

CHAT = project(
    ModuleIR(
        path="index",
        functions=(
            function(
                "index:create_user",
                kind="mutation",
                args=v.object(name=v.string()),
                returns=v.id("users"),
                docstring="Create a user with a given name.",
            ),
            function(
                "index:list_messages",
                args=v.object(channelId=v.id("channels")),
                returns=v.array(MESSAGE_DOC),
                docstring="List the 10 most recent messages.\n\nNewest first.",
            ),
            function(
                "index:generate_response",
                kind="action",
                visibility="internal",
                args=v.object(channelId=v.id("channels")),
            ),
        ),
    ),
    tables=(
        table("channels", v.object(name=v.string())),
        table("messages", MESSAGE, index("messages", "by_channel", "channelId")),
        table("users", v.object(name=v.string())),
    ),
    name="chat",
    dependencies=("openai>=2.0",),
)

LONG = "a text that is far too long for one line of source, with 'both' \"kinds\" of quotes; " * 3

ODD = project(
    ModuleIR(
        path="deep/down/mod10",
        functions=(
            function(
                "deep/down/mod10:default",
                definition="default_",
                docstring=LONG + '\n\nMore: """ \\ {{ braces }} {% block %} \u2019 \n' + LONG,
                args=v.object(
                    {
                        "from": v.number(),
                        "str": v.string(),
                        "list": v.array(v.string()),
                        "Literal": v.literal("x", "y'\"", LONG),
                        "__private": v.optional(v.int64()),
                        "count": integral_number(),
                        "flag": v.literal(True),
                        "big": v.literal(Int64(2**60)),
                        "half": v.literal(0.5),
                        "data": v.bytes(),
                        "maybe": v.nullable(v.id("odd_table")),
                    }
                ),
                returns=v.record(v.id("odd_table"), v.union(v.null(), v.any(), v.string())),
            ),
        ),
    ),
    ModuleIR(
        path="deep/down/mod9",
        functions=(
            function(
                "deep/down/mod9:nested",
                args=v.object(
                    list=v.array(v.object(a=v.object(b=v.nullable(v.object(c=v.int64()))))),
                    dict=v.record(v.string(), v.object(x=v.number())),
                ),
                returns=v.union(
                    v.object(kind=v.literal("error"), message=v.string()),
                    v.object(kind=v.literal("success"), value=v.array(v.bytes()), n=v.number()),
                    v.array(v.object(a_rather_long_field_name=v.nullable(v.int64()))),
                    v.null(),
                ),
                runtime="process",
                kind="action",
            ),
        ),
    ),
    tables=(
        table(
            "odd_table",
            v.union(
                v.object(kind=v.literal("a"), number=v.number(), common=v.string()),
                v.object(kind=v.literal("b"), order=v.optional(v.int64()), common=v.boolean()),
            ),
            index("odd_table", "by_kind_and_common", "kind", "common"),
            index("odd_table", "by_path", "profile.address", "kind"),
        ),
        table("encode", v.object(x=v.any()), index("encode", "key", "x")),
    ),
    name='odd "name" `with` $(things) {{ x }}',
    environment=(EnvironmentVariableIR(name="MODEL_NAME", validator=v.string()),),
)
