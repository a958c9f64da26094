"""The OpenAPI document: one operation per public function."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, TypeAdapter

from convexity.functions.names import split_path
from convexity.http.function_routes import RUN_PREFIX
from convexity.http.wire_types import (
    FunctionFailure,
    RequestFailure,
    function_request,
    function_success,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.json_schema import JsonSchemaMode

    from convexity.server.site import ServedRoute

_SEPARATORS: Final = re.compile(r"[^A-Za-z0-9]+")
_REFERENCE: Final = "#/components/schemas/{model}"
_FAILURES: Final = {
    400: "The request is malformed",
    401: "The bearer token is not accepted",
    403: "The admin key is wrong",
    408: "The function takes too long for a request",
    503: "The deployment is overloaded; try again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the document says of a public function."""

    path: str
    args: Any
    returns: Any
    summary: str
    description: str


def add_operations(document: dict[str, Any], operations: Sequence[Operation]) -> None:
    """Add the public functions to an OpenAPI document."""
    models: list[tuple[tuple[str, str], JsonSchemaMode, TypeAdapter[Any]]] = [
        (("", "failure"), "serialization", TypeAdapter(RequestFailure))
    ]
    for operation in operations:
        name = _component(operation.path)
        request = function_request(f"{name}Request", operation.args)
        success = function_success(f"{name}Success", operation.returns)
        response: Any = Annotated[success | FunctionFailure, Field(discriminator="status")]
        models.append(((operation.path, "request"), "validation", TypeAdapter(request)))
        models.append(((operation.path, "response"), "serialization", TypeAdapter(response)))
    found, definitions = TypeAdapter.json_schemas(models, ref_template=_REFERENCE)
    schemas = {key: schema for (key, _), schema in found.items()}
    for operation in operations:
        described = _operation(
            operation,
            schemas[operation.path, "request"],
            schemas[operation.path, "response"],
            schemas["", "failure"],
        )
        document["paths"][_url(operation.path)] = {"post": described}
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components.update(definitions.get("$defs", {}))


def add_http_actions(document: dict[str, Any], routes: Sequence[ServedRoute]) -> None:
    """Add the HTTP actions to an OpenAPI document: what they take and answer is their own."""
    for served in routes:
        route = served.route
        path = f"{served.prefix}{route.path or f'{route.path_prefix}{{rest}}'}"
        described: dict[str, Any] = {
            "operationId": str(served),
            "tags": ["HTTP actions"],
            "responses": {"default": {"description": "Whatever the action responds"}},
        }
        text = inspect.getdoc(route.handler.handler)
        if text:
            summary, _, description = text.partition("\n")
            described |= {"summary": summary, "description": description.strip()}
        if route.path is None:
            described["parameters"] = [
                {"name": "rest", "in": "path", "required": True, "schema": {"type": "string"}}
            ]
        document["paths"].setdefault(path, {}).setdefault(route.method.lower(), described)


def _url(path: str) -> str:
    module, function = split_path(path)
    return f"{RUN_PREFIX}{module}/{function}"


def _component(path: str) -> str:
    """Start of the names of a function's components: ``MessagesAccessLoad``."""
    words = _SEPARATORS.split(":".join(split_path(path)))
    return "".join(word[:1].upper() + word[1:] for word in words)


def _operation(operation: Operation, request: Any, response: Any, failure: Any) -> dict[str, Any]:
    module, function = split_path(operation.path)
    responses = {"200": _content("What the function returned, or why it failed", response)}
    for status, description in _FAILURES.items():
        responses[str(status)] = _content(description, failure)
    described = {"summary": operation.summary or function, "description": operation.description}
    return {
        "operationId": operation.path,
        "tags": [module],
        **{name: text for name, text in described.items() if text},
        "requestBody": {"required": True, **_content("", request)},
        "responses": responses,
    }


def _content(description: str, schema: Any) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}}
    return {"description": description, **content} if description else content
