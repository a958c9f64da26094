"""``_api/<module>.pyi``: the functions of one user module as references."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from convexity.values.validators import accepts_null

from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import INDENT, Atom, Labelled, Node
from convexity_compiler.emit.literals import docstring_lines, python_literal
from convexity_compiler.emit.names import GeneratedNameError, NameTable, python_parameter
from convexity_compiler.emit.references.rendering import render
from convexity_compiler.emit.references.stub_class import stacked
from convexity_compiler.emit.signature import function, parameter
from convexity_compiler.emit.types import KnownTypes, TypePrinter
from convexity_compiler.type_names import Place, pascal_case

if TYPE_CHECKING:
    from convexity.values import Validator

    from convexity_compiler.ir import FunctionIR, ModuleIR

ROOTS: Final = {"public": "api", "internal": "internal"}
"""Class that holds the functions of each visibility, as the root object it hangs below."""


@dataclass(frozen=True, slots=True)
class ModuleStub:
    """The stub of one module and what others need to know of it."""

    text: str
    roots: tuple[str, ...]
    """Which of ``api`` and ``internal`` it has functions for."""
    types: tuple[str, ...]
    """TypedDicts it declares for arguments and results."""


@dataclass(frozen=True, slots=True)
class StubFunction:
    """A function in a class of the stub."""

    text: str
    """Source, indented."""
    has_docstring: bool


def module_stub(module: ModuleIR, known: KnownTypes) -> ModuleStub:
    """Print the stub of a module.

    Args:
        module: The module.
        known: The types of the data model, as modules at the top level of ``_api`` see them.

    Raises:
        GeneratedNameError: two types, or two parameters, would have the same name.

    """
    here = replace(known, module=f"{'.' * module.path.count('/')}.{known.module}")
    functions = {function.name for function in module.functions}
    writer = _ModuleWriter(module, here, shadowed=frozenset(functions.union(ROOTS.values())))
    clashing = writer.imports.used.intersection(writer.printer.declared)
    if clashing:
        writer = _ModuleWriter(module, here, shadowed=frozenset({*functions, *clashing}))
    return writer.stub()


class _ModuleWriter:
    """Prints every function of a module."""

    def __init__(self, module: ModuleIR, known: KnownTypes, shadowed: frozenset[str]) -> None:
        self._module = module
        self.imports = Imports(shadowed)
        stub = f"_generated/_api/{module.path}"
        taken = {name: f"`{name}` of this stub" for name in (*ROOTS.values(), *known.names)}
        self.printer = TypePrinter(self.imports, NameTable(stub, taken), known)
        self._classes: dict[str, list[StubFunction]] = {}
        for item in module.functions:
            self._classes.setdefault(ROOTS[item.visibility], []).append(self._reference(item))

    def stub(self) -> ModuleStub:
        roots = tuple(root for root in ROOTS.values() if root in self._classes)
        text = render(
            "module.pyi",
            imports=self.imports.text(),
            declarations=stacked(self.printer.declarations),
            classes=[(root, self._classes[root]) for root in roots],
        )
        return ModuleStub(text, roots, tuple(self.printer.declared))

    def _reference(self, item: FunctionIR) -> StubFunction:
        """Print the decorated signature."""
        decorator = self.imports.name("convexity.server", f"{item.kind}_reference")
        static = self.imports.builtin("staticmethod")
        name = pascal_case(item.module, item.name)
        parameters = self._parameters(item, Place(f"{name}Args", f"{item.path} arguments"))
        result = self.printer.annotation(
            item.returns, Place(f"{name}Result", f"{item.path} result")
        )
        docstring = docstring_lines(item.docstring)
        body = "" if docstring else " ..."
        header = function(item.name, parameters, result, indent=INDENT, body=body)
        margin = " " * INDENT
        lines = [
            f"{margin}@{decorator}({python_literal(item.path)})",
            f"{margin}@{static}",
            margin + header,
            *(f"{margin * 2}{line}" if line else "" for line in docstring),
        ]
        return StubFunction("\n".join(lines), has_docstring=bool(docstring))

    def _parameters(self, item: FunctionIR, place: Place) -> list[Node]:
        wire_names: dict[str, str] = {}
        parameters: list[Node] = []
        for argument, validator in item.args.fields.items():
            name = python_parameter(argument)
            other = wire_names.setdefault(name, argument)
            if other != argument:
                raise GeneratedNameError(
                    f"the arguments `{other}` and `{argument}` of {item.path} would both be the "
                    f"parameter `{name}`; rename one of them"
                )
            parameters.append(self._parameter(name, validator, place.field(argument)))
        return [Atom("*"), *parameters] if parameters else []

    def _parameter(self, name: str, validator: Validator, place: Place) -> Labelled:
        """A parameter; an optional one has a default (``language.md`` section 1, first table)."""
        annotation = self.printer.annotation(validator, place)
        if not validator.is_optional:
            return parameter(name, annotation)
        if accepts_null(validator):
            unset = self.imports.name("convexity.values", "UNSET")
            return parameter(name, self.printer.or_unset(annotation), unset)
        return parameter(name, self.printer.or_none(annotation), "None")
