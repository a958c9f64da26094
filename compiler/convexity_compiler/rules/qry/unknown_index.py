"""QRY004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.tables import listed, nearest_name, rename_fix, table_of
from convexity_compiler.rules.usage.values import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedTable
    from convexity_compiler.summary.expressions import Call

_KINDS: Final = {"with_index": "index", "with_search_index": "search"}
"""Kind of index by the method that uses it."""
_METHODS: Final = {
    "index": "with_index",
    "search": "with_search_index",
    "vector": "ctx.vector_search",
}
_BUILT_IN: Final = ("by_creation_time", "by_id")
_NOUNS: Final = {"index": "index", "search": "search index", "vector": "vector index"}


class UnknownIndex(Rule):
    """A query uses an index that its table does not have.

    ## What it does

    Compares the index of `with_index`, `with_search_index` and `ctx.vector_search` with those of
    the table in schema.py.

    ## Why is this bad?

    The query fails when it runs.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(channel=v.string()).index("by_channel", ["channel"]),
    )


    # convex/messages.py
    @query(args={}, returns=v.any())
    async def general(ctx: QueryCtx) -> Any:
        messages = ctx.db.query("messages")
        return await messages.with_index("by_chanel").eq("channel", "general").first()
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(channel=v.string()).index("by_channel", ["channel"]),
    )


    # convex/messages.py
    @query(args={}, returns=v.any())
    async def general(ctx: QueryCtx) -> Any:
        messages = ctx.db.query("messages")
        return await messages.with_index("by_channel").eq("channel", "general").first()
    ```

    ## Fix safety

    The fix writes the nearest name of an index. It is unsafe: another index may be meant.

    ## References

    - Convex guidelines, *Query guidelines*: "define an index in the schema and use `withIndex`
      instead".
    """

    name = "unknown-index"
    code = "QRY004"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the indexes that functions name."""
        schema = project.schema
        if schema is None:
            return
        for use in functions(project):
            for site in use.query_calls:
                table = table_of(project, site.query)
                kind = _KINDS.get(site.method.name)
                if table is not None and kind is not None:
                    yield from self._check_call(project, use.module, table, kind, site.call, 0)
            for run in use.context_calls:
                if run.method.name == "vector_search" and not run.owner.path:
                    table = schema.tables.get(literal_text(run.call, 0) or "")
                    if table is not None:
                        yield from self._check_call(
                            project, use.module, table, "vector", run.call, 1
                        )

    def _check_call(
        self,
        project: LinkedProject,
        module: str,
        table: LinkedTable,
        kind: str,
        call: Call,
        position: int,
    ) -> Iterator[Diagnostic]:
        name = literal_text(call, position)
        if name is None or not table.is_complete or (kind == "index" and name in _BUILT_IN):
            return
        index = table.index(name)
        if index is not None and index.kind == kind:
            return
        literal = call.arguments[position]
        location = Location(module, literal.span)
        if index is not None:
            yield self.finding(
                project,
                location,
                f"`{name}` of table `{table.name}` is no {_NOUNS[kind]}",
                help=f"use it with `{_METHODS[index.kind]}`",
                labels=(label_at(project, index.location, "defined here"),),
            )
            return
        known = [entry.name for entry in table.indexes if entry.kind == kind]
        nearest = nearest_name(name, known)
        meant = table.index(nearest) if nearest else None
        yield self.finding(
            project,
            location,
            f"table `{table.name}` has no {_NOUNS[kind]} `{name}`",
            label=f"did you mean `{nearest}`?" if nearest else "",
            help=f'replace it with "{nearest}"'
            if nearest
            else f"define it in schema.py; the table has {listed(known)}",
            labels=(
                label_at(project, meant.location, "this index")
                if meant
                else label_at(project, table.name_location, "the table"),
            ),
            fix=rename_fix(project, module, literal, nearest),
        )
