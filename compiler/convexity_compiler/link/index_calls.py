"""Evaluation of ``.index(...)``, ``.search_index(...)`` and ``.vector_index(...)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from convexity_compiler.link.model import LinkedIndex, Location
from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.findings import FailedError
    from convexity_compiler.link.values import Scope

_KINDS: Final[dict[str, Literal["index", "search", "vector"]]] = {
    "index": "index",
    "search_index": "search",
    "vector_index": "vector",
}
_FIELD_KEYWORDS: Final = {"search": "search_field", "vector": "vector_field"}
_ACCEPTED: Final = {
    "index": 'write `.index("by_field", ["field"])`',
    "search": 'write `.search_index("search_body", search_field="body")`',
    "vector": 'write `.vector_index("by_embedding", vector_field="embedding", dimensions=1536)`',
}


def linked_index(evaluator: Evaluator, method: str, node: e.Call, scope: Scope) -> LinkedIndex:
    """Return the index that a call of the chain declares.

    Raises FailedError after noting what could not be evaluated.
    """
    kind = _KINDS[method]
    reader = _Arguments(evaluator, kind, node, scope)
    name, name_node = reader.text(reader.positional(0, "name"), "the name of an index")
    filters: tuple[tuple[str, ...], tuple[e.Expr, ...]] = ((), ())
    dimensions_node = None
    dimensions = None
    if kind == "index":
        fields, field_nodes = reader.texts(reader.positional(1, "fields"))
    else:
        field, field_node = reader.text(
            reader.required(_FIELD_KEYWORDS[kind]), "the field of an index"
        )
        fields, field_nodes = (field,), (field_node,)
        filter_node = reader.keyword("filter_fields")
        if filter_node is not None:
            filters = reader.texts(filter_node)
        if kind == "vector":
            dimensions_node = reader.required("dimensions")
            dimensions = reader.number(dimensions_node)
    attribute = node.function
    assert isinstance(attribute, e.Attribute)
    return LinkedIndex(
        kind=kind,
        name=name,
        fields=fields,
        filter_fields=filters[0],
        dimensions=dimensions,
        staged=reader.flag("staged"),
        location=reader.place(attribute.name_span.through(node.span)),
        name_location=reader.place(name_node.span),
        field_locations=tuple(reader.place(entry.span) for entry in field_nodes),
        filter_locations=tuple(reader.place(entry.span) for entry in filters[1]),
        dimensions_location=None if dimensions_node is None else reader.place(dimensions_node.span),
    )


class _Arguments:
    """Reads the arguments of one call of the chain."""

    def __init__(self, evaluator: Evaluator, kind: str, node: e.Call, scope: Scope) -> None:
        self._evaluator = evaluator
        self._accepted = _ACCEPTED[kind]
        self._node = node
        self._scope = scope

    def place(self, span: Span) -> Location:
        return Location(self._scope.module, span)

    def positional(self, index: int, what: str) -> e.Expr:
        if index >= len(self._node.arguments):
            raise self._failure(self._node, f"lacks the {what} of the index")
        return self._node.arguments[index]

    def keyword(self, name: str) -> e.Expr | None:
        found = self._node.keyword(name)
        return None if found is None else found.value

    def required(self, name: str) -> e.Expr:
        found = self.keyword(name)
        if found is None:
            raise self._failure(self._node, f"lacks `{name}=`")
        return found

    def text(self, node: e.Expr, what: str) -> tuple[str, e.Expr]:
        value = self._evaluator.evaluate(node, self._scope)
        if not isinstance(value, str):
            raise self._failure(node, f"{what} must be a string")
        return value, node

    def texts(self, node: e.Expr) -> tuple[tuple[str, ...], tuple[e.Expr, ...]]:
        value = self._evaluator.evaluate(node, self._scope)
        if not isinstance(value, list | tuple):
            raise self._failure(node, "the fields of an index must be a list of strings")
        texts = tuple(entry for entry in value if isinstance(entry, str))
        if len(texts) != len(value):
            raise self._failure(node, "the fields of an index must be a list of strings")
        if isinstance(node, e.List | e.Tuple) and len(node.elements) == len(texts):
            return texts, node.elements
        return texts, (node,) * len(texts)

    def number(self, node: e.Expr) -> int:
        value = self._evaluator.evaluate(node, self._scope)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._failure(node, "the number of dimensions must be an integer")
        return value

    def flag(self, name: str) -> bool:
        node = self.keyword(name)
        return node is not None and bool(self._evaluator.constant(node, self._scope))

    def _failure(self, node: e.Expr, reason: str) -> FailedError:
        return self._evaluator.failure(node, self._scope, reason, "invalid_call", self._accepted)
