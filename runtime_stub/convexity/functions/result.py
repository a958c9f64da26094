"""The result of a call, for whoever sends it to the client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convexity.errors import ConvexityError
from convexity.functions.failure import FunctionError
from convexity.values.compiled import converted

if TYPE_CHECKING:
    from convexity.database.ranges import ReadSet
    from convexity.values.compiled import CompiledValidator
    from convexity.values.encoding import Format


@dataclass(slots=True, kw_only=True)
class FunctionResult:
    """What a function returned, or why it failed."""

    value: Any = None
    """The checked result in its Python form; ``None`` after a failure."""
    error: FunctionError | None = None
    log_lines: tuple[str, ...] = ()
    ts: int | None = None
    """Time of the snapshot that a query saw, or of a mutation's commit; ns since the epoch."""
    read_set: ReadSet | None = None
    """What a query depends on; ``None`` for what cannot be subscribed to."""
    journal: str | None = None
    """To be given to the next run of the same query, so that its page keeps its end."""
    identity_read: bool = False
    """Whether the result is for this identity only."""
    time_read: bool = False
    """Whether the result is for the time of its run only."""
    returns: CompiledValidator | None = None
    encoded: bytes | None = None
    """JSON of the value in the encoded form, where it was made already. A mutation that was run
    before, and a result that is kept, have nothing else, so ``value`` is ``None`` then."""

    def result_json(self, format: Format = "convex_encoded_json") -> bytes:  # noqa: A002 - wire name
        """The value as JSON in one of the formats of wire-protocol 1.5.

        Raises:
            ConvexityError: the function failed, so that there is no value.
        """
        if self.encoded is not None:
            return converted(self.encoded, format)
        if self.returns is None:
            raise ConvexityError("a failed function has no value")
        return self.returns.encode_json(self.value, format)
