"""IDX018."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.limits import MAX_VECTOR_DIMENSIONS, MIN_VECTOR_DIMENSIONS

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class VectorDimensionsOutOfRange(Rule):
    """A vector index has too few or too many dimensions.

    ## What it does

    Checks that the dimensions of a vector index are between 2 and 4096.

    ## Why is this bad?

    The schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(e=v.array(v.number())).vector_index(
            "by_e", vector_field="e", dimensions=1
        ),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(e=v.array(v.number())).vector_index(
            "by_e", vector_field="e", dimensions=1536
        ),
    )
    ```

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `InvalidVectorDimension`.
    """

    name = "vector-dimensions-out-of-range"
    code = "IDX018"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at all vector indexes."""
        for table in project.tables:
            for index in table.indexes:
                count = index.dimensions
                if count is None or MIN_VECTOR_DIMENSIONS <= count <= MAX_VECTOR_DIMENSIONS:
                    continue
                yield self.finding(
                    project,
                    index.dimensions_location or index.location,
                    f"a vector cannot have {count} dimensions",
                    help=f"write {MIN_VECTOR_DIMENSIONS} to {MAX_VECTOR_DIMENSIONS}, as many as the"
                    " model of the embeddings gives: 1536 and 3072 are common",
                )
