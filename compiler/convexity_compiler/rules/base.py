"""What every rule is."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from convexity_compiler.config import EDITIONS
from convexity_compiler.diagnostics.model import Diagnostic, Label
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.config import Severity
    from convexity_compiler.diagnostics.model import Category, Fix
    from convexity_compiler.link.model import LinkedProject, Location

Scope: TypeAlias = Literal["module", "project"]

TOP_OF_FILE = Span(1, 1, 1, 1)
"""Place of a finding about a file as a whole."""


class Rule:
    """A rule; its docstring is its documentation page.

    It is abstract for type checkers alone: ``ABC`` would make all the classes slow to define.

    The docstring is Markdown with the sections *What it does*, *Why is this bad?*, *Example*,
    *Use instead*, *Fix safety* (where there is a fix) and *References*, in this order.
    """

    name: ClassVar[str]
    """Identity, kebab-case: what one would write after "allow", never the remedy."""
    code: ClassVar[str]
    """Short alias: family prefix and three digits."""
    since: ClassVar[str] = "0.1"
    """Version of convexity that brought the rule."""
    edition: ClassVar[str] = EDITIONS[0]
    """Edition from which on it runs by default."""
    on_demand: ClassVar[bool] = False
    """Whether it runs only where it is selected, in any profile, and each time anew: it takes long
    and looks at more than the sources."""
    category: ClassVar[Category] = "correctness"
    severity: ClassVar[Severity] = "error"
    """Severity in the profile ``guidelines``."""
    recommended_severity: ClassVar[Severity | None] = None
    """Severity in the profile ``recommended`` where newer sources disagree with the guidelines."""
    fixable: ClassVar[bool] = False
    """Whether the rule offers a fix for at least some findings."""
    scope: ClassVar[Scope] = "module"
    """What the findings in a module depend on. ``module``: on the module itself, on what it
    imports, directly or not, and on the signatures of the project: its schema, registered
    functions with their validators, routes, crons, variables and files; it looks at lists of the
    project such as ``functions`` and ``own_modules``, which hold those of one module. ``project``:
    on everything. Such a rule runs whenever anything has changed, and what it reads of the modules
    is read anew then; a rule that only rarely needs them all uses ``project.whole`` instead."""
    words: ClassVar[frozenset[str]] = frozenset()
    """Names and keywords of which one stands in every module that the rule finds something in, so
    that it need not look at others; empty where no word tells. What a name stands for may be told
    by another module: the words of a rule are names of methods, parameters and the like."""
    blocks_generation: ClassVar[bool] = False
    """Whether nothing right can be generated from a project with such a finding."""

    @abstractmethod
    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Yield the findings of a whole project, in any order."""

    def finding(
        self,
        project: LinkedProject,
        location: Location,
        message: str,
        *,
        label: str = "",
        help: str = "",  # noqa: A002 - the word the reader of a report sees
        labels: tuple[Label, ...] = (),
        fix: Fix | None = None,
    ) -> Diagnostic:
        """Return a finding in a module; the parameters are those of ``Diagnostic``."""
        path = project.path_of(location.module)
        return self.file_finding(
            path, location.span, message, label=label, help=help, labels=labels, fix=fix
        )

    def file_finding(
        self,
        path: str,
        span: Span,
        message: str,
        *,
        label: str = "",
        help: str = "",  # noqa: A002 - the word the reader of a report sees
        labels: tuple[Label, ...] = (),
        fix: Fix | None = None,
    ) -> Diagnostic:
        """Return a finding in a file given by its path below the project root."""
        return Diagnostic(
            rule=self.name,
            code=self.code,
            severity=self.severity,
            category=self.category,
            path=path,
            span=span,
            message=message,
            label=label,
            help=help,
            labels=labels,
            fix=fix,
        )

    @classmethod
    def documentation(cls) -> str:
        """Return the rule's docstring without its indentation."""
        return inspect.getdoc(cls) or ""

    @classmethod
    def family(cls) -> str:
        """Return the folder of the rule: the prefix of its code in lower case."""
        return cls.code[:3].lower()


def label_at(project: LinkedProject, location: Location, message: str) -> Label:
    """Return a secondary label on a place in a module."""
    return Label(path=project.path_of(location.module), span=location.span, message=message)
