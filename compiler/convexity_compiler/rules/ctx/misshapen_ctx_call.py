"""CTX016."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.ctx_members import METHODS, QUERY_PATH
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic, Edit
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.ctx_members import Shape
    from convexity_compiler.rules.usage.functions import FunctionUse

_BY_ID: Final = frozenset({"get", "patch", "replace", "delete"})
"""Methods of the database that find the table by the id."""
_OF_FIELDS: Final = frozenset({"insert", "patch", "replace"})
"""Methods of the database whose last argument is a dict of fields."""
_NUMBERS: Final = ("no arguments", "one argument", "two arguments")


class MisshapenCtxCall(Rule):
    """A method of a context, of a part of it or of a query gets arguments that it does not take.

    ## What it does

    Compares the arguments of calls on `ctx`, its parts and queries with what the methods take: how
    many by position, and which by name. Calls with `*values` or `**values` are left alone.

    ## Why is this bad?

    The call fails with a `TypeError`.

    ## Example

    ```python
    @query(args={"owner": v.string()}, returns=v.any())
    async def of_owner(ctx: QueryCtx, owner: str) -> Any:
        books = ctx.db.query("books").with_index("by_owner", lambda q: q.eq("owner", owner))
        return await books.take(10)
    ```

    ## Use instead

    ```python
    @query(args={"owner": v.string()}, returns=v.any())
    async def of_owner(ctx: QueryCtx, owner: str) -> Any:
        books = ctx.db.query("books").with_index("by_owner").eq("owner", owner)
        return await books.take(10)
    ```

    ## Fix safety

    The fixes write the range behind `with_index`, the fields as a dict, and ids without the name of
    their table. They are safe: the call fails as it is.

    ## References

    - [The language, section 4](../reference/language.md#4-public-names).
    """

    name = "misshapen-ctx-call"
    code = "CTX016"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every call on a context, a part of one or a query."""
        for use in functions(project):
            for site in use.context_calls:
                path = site.owner.path or ("options",)
                shape = METHODS[path].get(site.method.name)
                if shape is not None and site.owner.kinds:
                    yield from self._compare(project, use, site.written, site.method, path, shape)
            for entry in use.query_calls:
                shape = METHODS[QUERY_PATH].get(entry.method.name)
                if shape is not None:
                    yield from self._compare(
                        project, use, entry.written, entry.method, QUERY_PATH, shape
                    )

    def _compare(
        self,
        project: LinkedProject,
        use: FunctionUse,
        call: e.Call,
        method: e.Attribute,
        path: tuple[str, ...],
        shape: Shape,
    ) -> Iterator[Diagnostic]:
        found = _fault(call, method, shape)
        if found is None:
            return
        message, span = found
        edit = _edit(project, use, call, method, path, shape)
        fix = None
        if edit is not None:
            fix = Fix(title=f"write `{shape.form}`", applicability="safe", edits=(edit,))
        yield self.finding(
            project,
            Location(use.module, span),
            message,
            help=f"write `{shape.form}`{shape.note}",
            fix=fix,
        )


def _fault(call: e.Call, method: e.Attribute, shape: Shape) -> tuple[str, Span] | None:
    """Return what is wrong, and where."""
    given = call.arguments
    if any(isinstance(entry, e.Starred) for entry in given):
        return None
    if any(keyword.name is None for keyword in call.keywords):
        return None
    if shape.keywords is not None:
        for keyword in call.keywords:
            if keyword.name not in shape.keywords:
                message = f"`{method.name}` has no argument that is called `{keyword.name}`"
                return message, keyword.span
    if shape.most is not None and len(given) > shape.most:
        message = f"`{method.name}` takes {_NUMBERS[shape.most]} by position, not {len(given)}"
        return message, given[0].span.through(given[-1].span)
    if len(given) < shape.least:
        message = f"`{method.name}` takes {_NUMBERS[shape.least]} by position, not {len(given)}"
        return message, method.name_span.through(call.span)
    return None


def _edit(
    project: LinkedProject,
    use: FunctionUse,
    call: e.Call,
    method: e.Attribute,
    path: tuple[str, ...],
    shape: Shape,
) -> Edit | None:
    """Return the change to the form that is surely meant."""
    given, named = call.arguments, call.keywords
    if path == ("db",) and not named and method.name in _BY_ID and shape.most is not None:
        if len(given) == shape.most + 1 and _is_text(given[0]):
            between = Span(*given[0].span[:2], *given[1].span[:2])
            return replace_text(project, use.module, between, "")
    elif path == ("db",) and method.name in _OF_FIELDS and named and len(given) == 1:
        fields = ", ".join(
            f'"{keyword.name}": {project.text_of(Location(use.module, keyword.value.span))}'
            for keyword in named
        )
        span = named[0].span.through(named[-1].span)
        return replace_text(project, use.module, span, f"{{{fields}}}")
    elif path == QUERY_PATH and method.name == "with_index" and not named:
        return _range_edit(project, use, call)
    return None


def _range_edit(project: LinkedProject, use: FunctionUse, call: e.Call) -> Edit | None:
    """Write the range of ``with_index(name, lambda q: q.eq(...))`` behind the call."""
    match call.arguments:
        case (name, e.Lambda(parameters=(parameter,), body=e.Call() as body)):
            start: e.Expr = body
            while isinstance(start, (e.Call, e.Attribute)):
                start = start.function if isinstance(start, e.Call) else start.value
            steps = Span(*start.span[2:], *body.span[2:])
            text = project.text_of(Location(use.module, steps))
            if not isinstance(start, e.Name) or start.id != parameter.name or "\n" in text:
                return None
            rest = Span(*name.span[2:], *call.span[2:])
            return replace_text(project, use.module, rest, f"){text}")
    return None


def _is_text(expression: e.Expr) -> bool:
    return isinstance(expression, e.Constant) and isinstance(expression.value, str)
