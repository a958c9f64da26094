"""The OpenAPI document, and that the server keeps to it."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.backends import Server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def document(wire: Server):
    return wire.client.get("/openapi.json").json()


def test_every_public_function_is_an_operation(wire: Server):
    paths = document(wire)["paths"]
    assert "/api/run/notes/list" in paths
    assert "/api/run/nested/deep/inner/default" in paths
    assert not [path for path in paths if "hidden" in path]


def test_an_operation_says_what_the_docstring_says(wire: Server):
    operation = document(wire)["paths"]["/api/run/notes/add"]["post"]
    assert operation["tags"] == ["notes"]
    assert operation["summary"] == "Add a note."
    assert operation["description"] == "It starts without likes."


def test_arguments_and_documents_are_typed(wire: Server):
    schemas = document(wire)["components"]["schemas"]
    assert schemas["NotesAddArgs"] == {
        "title": "NotesAddArgs",
        "description": "Arguments of notes:add.",
        "type": "object",
        "properties": {"text": {"title": "Text", "type": "string"}},
        "required": ["text"],
        "additionalProperties": False,
    }
    assert set(schemas["NotesDoc"]["properties"]) == {"_id", "_creationTime", "text", "likes"}


def test_components_are_named_after_functions(wire: Server):
    described = document(wire)
    schemas = described["components"]["schemas"]
    assert all(name.isidentifier() and "_" not in name for name in schemas), sorted(schemas)
    assert schemas["NotesAddRequest"]["properties"]["args"]["$ref"].endswith("/NotesAddArgs")
    answer = described["paths"]["/api/run/notes/add"]["post"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    assert schema["discriminator"] == {
        "propertyName": "status",
        "mapping": {
            "success": "#/components/schemas/NotesAddSuccess",
            "error": "#/components/schemas/FunctionFailure",
        },
    }


def test_the_server_keeps_to_its_document(wire: Server):
    schema = schemathesis.openapi.from_url(f"{wire.url}/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == len(document(wire)["paths"])
    for operation in operations:
        cases = st.one_of(
            operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE),
        )

        @BOUNDED
        @given(case=cases)
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        check()
    assert "Traceback" not in wire.log.read_text()
