"""What is known of one module after its syntax tree is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeAlias, TypeVar
from unicodedata import normalize

from convexity_compiler.memo import cached_property
from convexity_compiler.span import Span
from convexity_compiler.summary.node import Node, node

if TYPE_CHECKING:
    from collections.abc import Callable

    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.statements import Assign, Statement

_WORD: Final = re.compile(r"[^\W\d]\w*")
_WORDS_ALONE: Final = bytes(
    code if chr(code) in f"{ascii_letters}{digits}_" else ord(" ") for code in range(256)
)
"""Translates ASCII text to its words with spaces between them, many times faster than ``_WORD``."""

Placement: TypeAlias = Literal["module", "conditional", "type_checking", "class", "function"]
"""Where a definition stands; ``conditional`` is under if, try, for, while, with or match at the
top level, ``type_checking`` under ``if TYPE_CHECKING:`` and so absent at run time."""

ParameterKind: TypeAlias = Literal[
    "positional_only", "positional", "keyword_only", "var_positional", "var_keyword"
]


@node
class Problem(Node):
    """Why a module could not be read."""

    kind: Literal["syntax", "encoding", "depth", "unreadable"]
    message: str


@node
class Comment(Node):
    """A comment addressed to convexity (it contains ``convexity:``)."""

    text: str
    """With the hash sign."""
    own_line: bool
    """Whether nothing but white space stands before it."""
    indentation: int
    """Number of characters before the first one of its line that is no white space."""
    first: int
    """First line that it is about: behind code its own line, and those before that a string or a
    backslash joins to it; on a line of its own, itself."""
    last: int
    """Last line that it is about: on a line of its own, that of the next argument or item within
    brackets, or else of the next statement up to its colon, decorators included."""
    block_end: int | None
    """Last line of the block it stands in; None for the end of the file."""


@node
class ImportSummary(Node):
    """One name bound by an import statement."""

    module: str
    """Dotted name after ``from`` or ``import``; empty in ``from . import x``."""
    level: int
    """Number of leading dots."""
    name: str | None
    """Imported name, ``*`` for all; None for ``import module``."""
    bound: str
    """Name bound in this module; ``*`` for a star import."""
    has_alias: bool
    scope: Placement

    @property
    def is_relative(self) -> bool:
        """Whether the import starts with a dot."""
        return self.level > 0


@node
class Parameter(Node):
    """A parameter of a function."""

    name: str
    kind: ParameterKind
    annotation: Expr | None
    default: Expr | None


class Body:
    """Statements of a function; once released they are built again when somebody asks."""

    __slots__ = ("_restore", "_statements")

    def __init__(self, restore: Callable[[], None]) -> None:
        """Take what fills the released bodies of the module again."""
        self._restore = restore
        self._statements: tuple[Statement, ...] | None = None

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in order, without the docstring."""
        if self._statements is None:
            self._restore()
        return self._statements or ()

    def fill(self, statements: tuple[Statement, ...]) -> None:
        """Set the statements."""
        self._statements = statements

    def release(self) -> None:
        """Drop the statements until they are asked for again."""
        self._statements = None


@dataclass(slots=True, eq=False, kw_only=True)
class FunctionSummary:
    """A function or method, with its body."""

    name: str
    span: Span
    """From the first decorator to the end of the body."""
    name_span: Span
    is_async: bool
    parameters: tuple[Parameter, ...]
    returns: Expr | None
    decorators: tuple[Expr, ...]
    """Outermost first, without the at sign."""
    docstring: str | None
    placement: Placement
    qualified_name: str
    """Name with the enclosing classes and functions: ``Outer.inner``."""
    body_span: Span
    """From the first statement (the docstring included) to the end."""
    is_generator: bool
    """Whether a ``yield`` stands in the body itself."""
    body: Body

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Statements of the body, without the docstring."""
        return self.body.statements


@node
class ClassField(Node):
    """``name: annotation = value`` or ``name = value`` in a class body."""

    name: str
    annotation: Expr | None
    value: Expr | None


@dataclass(slots=True, eq=False, kw_only=True)
class ClassSummary:
    """A class, TypedDicts above all."""

    name: str
    span: Span
    name_span: Span
    bases: tuple[Expr, ...]
    keywords: tuple[tuple[str | None, Expr], ...]
    decorators: tuple[Expr, ...]
    type_parameters: tuple[str, ...]
    docstring: str | None
    placement: Placement
    qualified_name: str
    fields: tuple[ClassField, ...]
    methods: tuple[FunctionSummary, ...]


S = TypeVar("S", bound="Statement")


@node
class Binding(Node, Generic[S]):
    """A top-level statement with the placement of its block; compound ones are flattened."""

    statement: S
    placement: Placement


@dataclass(eq=False, kw_only=True)
class ModuleSummary:
    """A module without its syntax tree."""

    path: str
    """Relative to the functions folder, with slashes: ``messages/access.py``."""
    module: str
    """Wire path of the module: ``messages/access``."""
    digest: str
    """Hash of the content."""
    text: str = field(default="", repr=False)
    """Decoded source, line ends as ``\\n``; empty when the file could not be decoded."""
    problem: Problem | None = None
    """Set when the module could not be parsed; everything below is empty then."""
    docstring: str | None = None
    imports: tuple[ImportSummary, ...] = ()
    """All imports of the module, those in functions and classes included, in order."""
    assignments: tuple[Binding[Assign], ...] = ()
    """``Assign`` statements at module level, conditional ones included."""
    functions: tuple[FunctionSummary, ...] = ()
    """Functions wherever they stand; see ``placement``."""
    classes: tuple[ClassSummary, ...] = ()
    """Classes wherever they stand; see ``placement``."""
    statements: tuple[Binding[Statement], ...] = ()
    """Other statements at module level (calls, deletions, raises, tests and iterables of compound
    statements as ``Evaluate``)."""
    comments: tuple[Comment, ...] = ()
    future_annotations: bool = False
    """Whether ``from __future__ import annotations`` is in force."""

    def release(self) -> None:
        """Drop what can be made again of the text until it is asked for, bodies above all."""
        for function in self.functions:
            function.body.release()
        for name in ("words", "lines"):
            vars(self).pop(name, None)

    @cached_property
    def words(self) -> frozenset[str]:
        """Everything in the text that could be a name, as Python compares names."""
        if not self.text.isascii():
            return frozenset(_WORD.findall(normalize("NFKC", self.text)))
        words = self.text.encode("ascii").translate(_WORDS_ALONE).decode("ascii").split()
        # A keyword may stand right behind a number: ``1if x else 2``.
        return frozenset([*words, *(word.lstrip(digits) for word in words if word[0] in digits)])

    @cached_property
    def lines(self) -> list[str]:
        """Lines of ``text`` without their ends."""
        return self.text.split("\n")

    def source(self, span: Span) -> str:
        """Source text of ``span``."""
        if span.line == span.end_line and 0 < span.line <= len(self.lines):
            return self.lines[span.line - 1][span.column - 1 : span.end_column - 1]
        lines = self.lines[span.line - 1 : span.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)
