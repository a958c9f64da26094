"""CRN008."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.crn.delays import timedelta_call, whens
from convexity_compiler.rules.usage.numbers import arithmetic
from convexity_compiler.summary.expressions import Call, Constant, Unary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.crn.delays import When

_NAIVE: Final = {
    "datetime.datetime": 8,
    "datetime.datetime.now": 1,
    "datetime.datetime.fromtimestamp": 2,
}
"""Makers of datetimes, by the number of arguments with which they have a time zone."""
_ALWAYS_NAIVE: Final = frozenset(
    {
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.datetime.utcfromtimestamp",
    }
)


class InvalidDelay(Rule):
    """The scheduler gets a delay or a time that it refuses.

    ## What it does

    Finds numbers other than 0, negative and infinite delays in `run_after`, and datetimes without a
    time zone in `run_at`.

    ## Why is this bad?

    A delay is a `timedelta` or 0, so that nobody has to guess the unit. A datetime without a time
    zone means another moment on every machine. The call fails.

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(5000, internal.messages.tidy)
    ```

    ## Use instead

    ```python
    from datetime import timedelta


    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(timedelta(seconds=5), internal.messages.tidy)
    ```

    ## References

    - [The language](../reference/language.md): delays are `timedelta` or 0, points in time are
      aware.
    """

    name = "invalid-delay"
    code = "CRN008"
    words = frozenset({"run_after", "run_at"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the first argument of calls of the scheduler."""
        for when in whens(project):
            fault = _delay_fault(when) if when.method == "run_after" else _time_fault(when)
            if fault is not None:
                problem, way_out = fault
                location = Location(when.use.module, when.written.span)
                yield self.finding(project, location, problem, help=way_out)


def _delay_fault(when: When) -> tuple[str, str] | None:
    value = arithmetic(when.value)
    if value is not None and value != 0:
        return "a bare number is no delay", f"write its unit: `timedelta(milliseconds={value:g})`"
    return ("the delay is negative", "delays are 0 or longer") if _is_negative(when) else None


def _is_negative(when: When) -> bool:
    if isinstance(when.value, Unary) and when.value.operator == "-":
        return timedelta_call(when.use, when.value.operand) is not None
    call = timedelta_call(when.use, when.value)
    if call is None:
        return False
    amounts = [
        arithmetic(value) for value in (*call.arguments, *(entry.value for entry in call.keywords))
    ]
    known = [amount for amount in amounts if amount is not None and amount <= 0]
    return len(known) == len(amounts) and any(amount < 0 for amount in known)


def _time_fault(when: When) -> tuple[str, str] | None:
    call = when.value
    if not isinstance(call, Call):
        if arithmetic(call) is not None:
            return "a number is no point in time", "pass a datetime: `from_millis(...)`"
        return None
    name = when.use.scope.qualified_name(call.function) or ""
    if name not in _ALWAYS_NAIVE and (
        len(call.arguments) >= _NAIVE.get(name, 0)
        or any(
            keyword.name in ("tz", "tzinfo", None) and not _is_none(keyword.value)
            for keyword in call.keywords
        )
    ):
        return None
    return (
        "the datetime has no time zone",
        "give it one: `datetime(..., tzinfo=UTC)`, or start from `ctx.now()`",
    )


def _is_none(expression: object) -> bool:
    return isinstance(expression, Constant) and expression.value is None
