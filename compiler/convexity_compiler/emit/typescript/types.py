"""From validators to TypeScript types, as the npm client sees values (``wire-protocol`` 1.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from convexity.values import (
    ArrayValidator,
    IdValidator,
    Int64,
    LiteralValidator,
    ObjectValidator,
    RecordValidator,
    Validator,
)
from convexity.values.validators import flatten, required

from convexity_compiler.link.pagination import is_pagination_options, paginated_item

_WIDTH: Final = 100
_INDENT: Final = 2
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_SCALARS: Final = {
    "any": "any",
    "boolean": "boolean",
    "bytes": "ArrayBuffer",
    "int64": "bigint",
    "null": "null",
    "number": "number",
    "string": "string",
}


class TypeScriptPrinter:
    """Prints types for one file and remembers the names that they need."""

    def __init__(self, documents: Mapping[ObjectValidator, str]) -> None:
        """Start a file.

        Args:
            documents: Tables by the validator of their documents, which are written ``Doc<"t">``.

        """
        self._documents = documents
        self.used: set[str] = set()
        """Names of ``convex/server`` and ``dataModel`` that the types printed so far refer to."""

    def type(self, validator: Validator, *, indent: int = 0) -> str:
        """Write the type of a value; ``optional`` counts for nothing here.

        Args:
            validator: Describes the value.
            indent: Columns by which the line is indented on which the type starts.

        """
        match required(validator):
            case IdValidator(table_name):
                return f"{self._use('Id')}<{string(table_name)}>"
            case LiteralValidator(value):
                return _literal(value)
            case ArrayValidator(element):
                return f"Array<{self.type(element, indent=indent)}>"
            case RecordValidator(key, value):
                key_type = self.type(key, indent=indent)
                return f"Record<{key_type}, {self.type(value, indent=indent)}>"
            case ObjectValidator() as shape:
                return self._object(shape, indent)
            case value if value.kind == "union":
                members = (self.type(member, indent=indent) for member in flatten(value))
                return " | ".join(dict.fromkeys(members))
            case value:
                return _SCALARS[value.kind]

    def fields(self, shape: ObjectValidator, *, indent: int = 0) -> str:
        """Write an object type field by field, on one line where that is short enough."""
        if not shape.fields:
            return "{}"
        inner = indent + _INDENT
        fields = [
            f"{key(name)}{'?' if validator.is_optional else ''}: "
            f"{self.type(validator, indent=inner)}"
            for name, validator in shape.fields.items()
        ]
        flat = f"{{ {'; '.join(fields)} }}"
        if "\n" not in flat and indent + len(flat) <= _WIDTH:
            return flat
        lines = "".join(f"{' ' * inner}{field};\n" for field in fields)
        return f"{{\n{lines}{' ' * indent}}}"

    def _object(self, shape: ObjectValidator, indent: int) -> str:
        table = self._documents.get(shape)
        if table is not None:
            return f"{self._use('Doc')}<{string(table)}>"
        if is_pagination_options(shape):
            return self._use("PaginationOptions")
        item = paginated_item(shape)
        if item is not None:
            return f"{self._use('PaginationResult')}<{self.type(item, indent=indent)}>"
        return self.fields(shape, indent=indent)

    def _use(self, name: str) -> str:
        self.used.add(name)
        return name


def string(text: str) -> str:
    """Write a string literal; JSON in ASCII is TypeScript."""
    return json.dumps(text)


def key(name: str) -> str:
    """Write the key of an object type."""
    return name if _IDENTIFIER.fullmatch(name) else string(name)


def comment(text: str | None) -> list[str]:
    """Write a documentation comment as lines; nothing for a blank one."""
    lines = [line.rstrip() for line in (text or "").replace("*/", "*\\/").strip().splitlines()]
    if not lines:
        return []
    if len(lines) == 1:
        return [f"/** {lines[0]} */"]
    return ["/**", *(f" * {line}".rstrip() for line in lines), " */"]


def _literal(value: str | float | bool) -> str:
    if isinstance(value, Int64):
        return f"{int(value)}n"
    return json.dumps(value)
