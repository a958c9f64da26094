"""From annotations to the source of validators (language.md section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link import types as t
from convexity_compiler.link.platform import SYSTEM_TABLES
from convexity_compiler.link.symbols import Defined, External, dotted
from convexity_compiler.rules.writing.names import SCHEMA, SERVER, VALUES, UnwritableError
from convexity_compiler.rules.writing.strings import double_quoted
from convexity_compiler.summary.annotation_strings import parse_annotation
from convexity_compiler.summary.expressions import Attribute, Constant, Name, Subscript
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convexity_compiler.link.model import LinkedParameter, LinkedProject
    from convexity_compiler.link.types import TypeModel
    from convexity_compiler.rules.writing.names import Names
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import Parameter

_SIMPLE: Final = {
    "None": "null",
    "bool": "boolean",
    "float": "number",
    "int": "number",
    "Int64": "int64",
    "str": "string",
    "bytes": "bytes",
    "Any": "any",
    "object": "any",
    "Value": "any",
}
_DATA_MODEL: Final = "_generated.data_model."
_PAGE: Final = "PaginationResult["


class ValidatorWriter:
    """Writes validators in one module."""

    def __init__(self, project: LinkedProject, module: str, names: Names) -> None:
        self._project = project
        self._module = module
        self._names = names
        self._spellings: dict[str, str] = {}

    def argument(self, linked: LinkedParameter) -> str:
        """Return the validator of a parameter; one with a default is an optional argument.

        Raises UnwritableError for annotations that no validator agrees with.
        """
        model, annotation = linked.annotation.type, linked.parameter.annotation
        if annotation is None:
            raise UnwritableError
        if linked.parameter.default is None:
            return self.value(model, annotation)
        absent = t.Primitive("Unset")
        if absent not in t.members(model):
            absent = t.Primitive("None")
        present = [entry for entry in t.members(model) if entry != absent]
        if not present:
            raise UnwritableError
        inner = self.value(t.union_of(present), annotation)
        return f"{self._call('optional')}{inner})"

    def unpacked(self, parameter: Parameter) -> str:
        """Return the validator of ``**fields: Unpack[X]``, which takes all arguments.

        Raises UnwritableError where X has no name at run time.
        """
        annotation = parameter.annotation
        if not isinstance(annotation, Subscript):
            raise UnwritableError
        for _, spelled in self._names_in(annotation.index):
            return f"{self._call('object')}{spelled})"
        raise UnwritableError

    def value(self, model: TypeModel, annotation: Expr) -> str:
        """Return the validator of a type, spelled with the names of the annotation.

        Raises UnwritableError for annotations that no validator agrees with.
        """
        self._spellings = {}
        for name, spelled in self._names_in(annotation):
            self._spellings.setdefault(name, spelled)
        return self._text(model)

    def _call(self, constructor: str) -> str:
        return f"{self._names.name(VALUES, 'v')}.{constructor}("

    def _text(self, model: TypeModel) -> str:
        match model:
            case t.Primitive(name=name) if name in _SIMPLE:
                return f"{self._call(_SIMPLE[name])})"
            case t.IdType(table=str(table)):
                return f'{self._call("id")}"{table}")'
            case t.LiteralType(values=values):
                return self._union([t.LiteralType(values)])
            case t.ListType(element=element) if element is not None:
                return f"{self._call('array')}{self._text(element)})"
            case t.DictType(key=key, value=value) if key is not None and value is not None:
                return f"{self._call('record')}{self._text(key)}, {self._text(value)})"
            case t.TypedDictType():
                return self._typed_dict(model)
            case t.UnionType(members=members):
                return self._document(model) or self._union(members)
        raise UnwritableError

    def _typed_dict(self, model: t.TypedDictType) -> str:
        if model.name == "PaginationOptions":
            return self._names.name(SERVER, "pagination_opts_validator")
        if model.name.startswith(_PAGE):
            page = next(field.type for field in model.fields if field.name == "page")
            assert isinstance(page, t.ListType)
            if page.element is None:
                raise UnwritableError
            constructor = self._names.name(SERVER, "pagination_result_validator")
            return f"{constructor}({self._text(page.element)})"
        document = self._document(model)
        if document is not None:
            return document
        if model.name not in self._spellings or _is_refused(model):
            raise UnwritableError
        return f"{self._call('object')}{self._spellings[model.name]})"

    def _document(self, model: TypeModel) -> str | None:
        """``schema.doc("messages")`` for the type of the documents of a table."""
        generated = self._project.generated
        for name in self._spellings:
            table = generated.table(name.removesuffix("Doc")) if name.endswith("Doc") else None
            if table and table not in SYSTEM_TABLES and generated.get(name) == model:
                return f'{self._names.name(SCHEMA, "schema")}.doc("{table}")'
        return None

    def _union(self, members: Sequence[TypeModel]) -> str:
        """Literals first and together; null makes the rest nullable."""
        values = [
            value
            for member in members
            if isinstance(member, t.LiteralType)
            for value in member.values
        ]
        others = [member for member in members if not isinstance(member, t.LiteralType)]
        texts = [self._text(member) for member in others if member != t.Primitive("None")]
        literals = [value for value in values if value is not None]
        if any(isinstance(value, bytes) for value in literals):
            raise UnwritableError
        if literals:
            inner = ", ".join(
                double_quoted(value) if isinstance(value, str) else repr(value)
                for value in literals
            )
            texts.insert(0, f"{self._call('literal')}{inner})")
        if not texts:
            return f"{self._call('null')})"
        one = texts[0] if len(texts) == 1 else f"{self._call('union')}{', '.join(texts)})"
        has_null = t.Primitive("None") in others or None in values
        return f"{self._call('nullable')}{one})" if has_null else one

    def _names_in(self, annotation: Expr) -> Iterator[tuple[str, str]]:
        """Names of the types in an annotation, each with how the module spells it at run time."""
        resolver = self._project.resolver
        for node in walk(annotation):
            if isinstance(node, Constant) and isinstance(node.value, str):
                parsed = parse_annotation(node.value, node.span)
                if parsed is not None:
                    yield from self._names_in(parsed)
            elif isinstance(node, (Name, Attribute, Subscript)):
                # Of a generic type, the arguments belong to the name.
                named = node.value if isinstance(node, Subscript) else node
                symbol = resolver.symbol(self._module, named, static=True)
                spelled = ".".join(dotted(named) or ())
                at_run_time = resolver.symbol(self._module, named) == symbol and not any(
                    bound.placement == "type_checking"
                    for bound in resolver.bound(self._module, spelled.partition(".")[0])
                )
                if isinstance(symbol, Defined) and at_run_time:
                    module = self._project.modules[self._module]
                    whole = module.source(node.span)
                    yield symbol.name, whole if whole.startswith(spelled) else spelled
                elif isinstance(symbol, External) and symbol.name.startswith(_DATA_MODEL):
                    name = symbol.name.removeprefix(_DATA_MODEL)
                    if at_run_time or name.endswith("Doc"):
                        yield name, spelled


def _is_refused(model: TypeModel) -> bool:
    """Whether ``v.object`` cannot take a TypedDict with such a type, ``int`` above all."""
    match model:
        case t.Primitive(name="int") | t.Unsupported() | t.Unknown() | t.RecursiveType():
            return True
        case t.TypedDictType(fields=fields):
            return any(_is_refused(field.type) for field in fields)
        case t.ListType(element=element):
            return element is None or _is_refused(element)
        case t.DictType(key=key, value=value):
            return key is None or value is None or _is_refused(key) or _is_refused(value)
        case t.UnionType(members=members):
            return any(map(_is_refused, members))
        case t.IdType(table=table):
            return table is None
        case _:
            return False
