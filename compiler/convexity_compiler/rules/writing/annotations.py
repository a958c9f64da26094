"""From validators to the source of annotations (language.md section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import (
    ArrayValidator,
    IdValidator,
    Int64,
    LiteralValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
)
from convexity.values.validators import NumberValidator, accepts_null, flatten

from convexity_compiler.link.generated_types import marker_name
from convexity_compiler.link.pagination import is_pagination_options, paginated_item
from convexity_compiler.link.platform import SYSTEM_TABLES
from convexity_compiler.rules.writing.names import (
    DATA_MODEL,
    SERVER,
    TYPING,
    VALUES,
    UnwritableError,
)
from convexity_compiler.rules.writing.strings import double_quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity.values import Validator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.writing.names import Names

_BUILTINS: Final = {"boolean": "bool", "bytes": "bytes", "string": "str"}


class AnnotationWriter:
    """Writes annotations in one module."""

    def __init__(self, project: LinkedProject, names: Names) -> None:
        self._project = project
        self._names = names

    def parameter_annotation(self, validator: Validator) -> str:
        """Return the annotation of a parameter, with what stands for absent.

        Raises UnwritableError for an object that has no name.
        """
        text = self.annotation(validator)
        if not isinstance(validator, OptionalValidator):
            return text
        if any(member.kind == "any" for member in flatten(validator.inner)):
            return text
        if not accepts_null(validator.inner):
            return f"{text} | None"
        unset = self._names.name(VALUES, "Unset")
        return f"{text.removesuffix(' | None')} | {unset} | None"

    def annotation(self, validator: Validator) -> str:
        """Return the annotation of a value.

        Raises UnwritableError for an object that has no name.
        """
        match validator:
            case OptionalValidator(inner=inner):
                return self.annotation(inner)
            case IdValidator(table_name=table):
                return self._id(table)
            case LiteralValidator():
                return self._literals([validator])
            case NumberValidator(integral=integral):
                return self._names.builtin("int" if integral else "float")
            case ArrayValidator(element=element):
                return f"{self._names.builtin('list')}[{self.annotation(element)}]"
            case RecordValidator(key=key, value=value):
                arguments = f"{self.annotation(key)}, {self.annotation(value)}"
                return f"{self._names.builtin('dict')}[{arguments}]"
            case ObjectValidator():
                return self._object(validator)
            case _ if validator.kind == "union":
                return self._union(list(flatten(validator)))
            case _:
                return self._scalar(validator.kind)

    def _scalar(self, kind: str) -> str:
        match kind:
            case "null":
                return "None"
            case "any":
                return self._names.name(TYPING, "Any")
            case "int64":
                return self._names.name(VALUES, "Int64")
            case _ if kind in _BUILTINS:
                return self._names.builtin(_BUILTINS[kind])
        raise UnwritableError

    def _id(self, table: str) -> str:
        if table not in SYSTEM_TABLES and table not in self._project.table_names:
            raise UnwritableError
        marker = self._names.name(DATA_MODEL, marker_name(table))
        return f"{self._names.name(DATA_MODEL, 'Id')}[{marker}]"

    def _object(self, shape: ObjectValidator) -> str:
        if is_pagination_options(shape):
            return self._names.name(SERVER, "PaginationOptions")
        item = paginated_item(shape)
        if item is not None:
            return f"{self._names.name(SERVER, 'PaginationResult')}[{self.annotation(item)}]"
        name = self._project.generated.name_of(shape)
        if name is None:
            raise UnwritableError
        return self._names.name(DATA_MODEL, name)

    def _union(self, members: Sequence[Validator]) -> str:
        """Literals together, where the first of them stands; null last."""
        if any(member.kind == "any" for member in members):
            return self._names.name(TYPING, "Any")
        literals = [member for member in members if isinstance(member, LiteralValidator)]
        texts: dict[str, None] = {}
        for member in members:
            if isinstance(member, LiteralValidator):
                texts.setdefault(self._literals(literals))
            elif member.kind != "null":
                texts.setdefault(self.annotation(member))
        if any(member.kind == "null" for member in members):
            texts["None"] = None
        return " | ".join(texts)

    def _literals(self, literals: Sequence[LiteralValidator]) -> str:
        """``Literal[...]``, which takes neither floats nor an ``Int64``."""
        values = [literal.value for literal in literals]
        exact = [
            double_quoted(value) if isinstance(value, str) else repr(value)
            for value in values
            if not isinstance(value, (float, Int64))
        ]
        texts = []
        if exact:
            inner = ", ".join(dict.fromkeys(exact))
            texts.append(f"{self._names.name(TYPING, 'Literal')}[{inner}]")
        if any(isinstance(value, Int64) for value in values):
            texts.append(self._names.name(VALUES, "Int64"))
        if any(isinstance(value, float) for value in values):
            texts.append(self._names.builtin("float"))
        return " | ".join(texts)
