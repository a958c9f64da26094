"""SCH005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ArrayValidator, ObjectValidator
from convexity.values.validators import required

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnboundedArrayField(Rule):
    """A field of a document holds a list that may grow.

    ## What it does

    Finds fields of tables that are arrays of objects or of ids. As all rules of severity `info`, it
    runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    A document has 1 MiB at most, and every change writes it whole. A table of its own grows without
    end.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unbounded-array-field"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        posts=define_table(comments=v.array(v.object({"text": v.string()}))),
    )
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unbounded-array-field"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        posts=define_table(text=v.string()),
        comments=define_table(postId=v.id("posts"), text=v.string()).index("by_postId", ["postId"]),
    )
    ```

    ## References

    - Convex guidelines, newer text: child tables instead of lists that grow.
    """

    name = "unbounded-array-field"
    code = "SCH005"
    category = "performance"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the fields of all tables."""
        for table in project.tables:
            validator = table.document.validator
            if not isinstance(validator, ObjectValidator):
                continue
            for name, field in validator.fields.items():
                inner = required(field)
                source = table.document.field(name)
                if (
                    isinstance(inner, ArrayValidator)
                    and inner.element.kind in ("object", "id")
                    and source
                ):
                    yield self.finding(
                        project,
                        source.key,
                        f"`{name}` grows with its document",
                        help="if it has no natural end, give its elements a table of their own",
                    )
