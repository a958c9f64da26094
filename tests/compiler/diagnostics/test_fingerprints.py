"""Fingerprints: the same while a finding stays, different for different findings."""

from __future__ import annotations

from pathlib import Path

from convexity_compiler.diagnostics import Diagnostic
from convexity_compiler.diagnostics.fingerprints import fingerprints
from convexity_compiler.diagnostics.sources import Sources
from convexity_compiler.span import Span
from hypothesis import given
from hypothesis import strategies as st

MODULE = """\
LIMIT = 10


async def first(
    ctx: QueryCtx,
) -> int:
    if crowded:
        return len(await rows(ctx))
    return len(await rows(ctx))


async def second(ctx: QueryCtx) -> int:
    return len(await rows(ctx))


class Reader:
    async def read(self, ctx: QueryCtx) -> int:
        # a comment
        return len(await rows(ctx))


TABLES = [
    rows(ctx),
]
"""


def sources(text: str) -> Sources:
    return Sources(Path("/nowhere"), {"convex/messages.py": text})


def found(text: str) -> list[Diagnostic]:
    """A finding for every call of ``rows``."""
    return [
        Diagnostic(
            rule="unbounded-collect",
            code="QRY002",
            severity="error",
            category="performance",
            path="convex/messages.py",
            span=Span(number, line.index("rows") + 1, number, line.index(")") + 1),
            message=f"found in line {number}",
        )
        for number, line in enumerate(text.split("\n"), start=1)
        if "rows(" in line
    ]


def identities(text: str) -> list[str]:
    return fingerprints(found(text), sources(text))


def test_scopes_are_the_functions_and_classes_around_a_line() -> None:
    scopes = [sources(MODULE).scope("convex/messages.py", f.span.line) for f in found(MODULE)]

    assert scopes == ["first", "first", "second", "Reader.read", ""]


def test_every_finding_has_its_own() -> None:
    assert len(set(identities(MODULE))) == 5


@given(st.lists(st.sampled_from(["", "# note", "OTHER = 1", "def other() -> None: ..."])))
def test_lines_above_do_not_matter(lines: list[str]) -> None:
    above = "".join(f"{line}\n" for line in lines)

    assert identities(above + MODULE) == identities(MODULE)


def test_spaces_in_the_marked_text_do_not_matter() -> None:
    assert identities(MODULE.replace("rows(ctx)", "rows( ctx )")) != []
    spread = MODULE.replace("rows(ctx)", "rows(ctx,  1)")

    assert identities(spread) == identities(MODULE.replace("rows(ctx)", "rows(ctx, 1)"))


def test_a_finding_that_goes_takes_no_other_along() -> None:
    without_second = MODULE.replace("async def second", "async def third")

    before, after = identities(MODULE), identities(without_second)

    assert [one == other for one, other in zip(before, after, strict=True)] == [
        True,
        True,
        False,
        True,
        True,
    ]
