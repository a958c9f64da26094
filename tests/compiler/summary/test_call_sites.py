from textwrap import dedent

import pytest
from convexity_compiler.summary.summarise import summarise
from convexity_compiler.summary.walk import CallSite, call_sites


def sites(body: str) -> list[tuple[str, CallSite]]:
    text = "async def f(ctx):\n" + "\n".join(f"    {line}" for line in dedent(body).split("\n"))
    module = summarise(text.encode(), "m.py")
    assert module.problem is None
    return [(module.source(site.call.span), site) for site in call_sites(module.functions[0])]


def test_a_chain_is_one_site_and_its_arguments_follow() -> None:
    found = sites(
        "return await ctx.db.query(name()).filter(lambda q: q.eq(a(), 1))[index()].take(n)"
    )
    assert [text for text, _ in found] == [
        "ctx.db.query(name()).filter(lambda q: q.eq(a(), 1))[index()].take(n)",
        "index()",
        "q.eq(a(), 1)",
        "a()",
        "name()",
    ]
    assert [site.awaited for _, site in found] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("body", "awaited", "in_loop", "is_statement"),
    [
        ("call()", False, False, True),
        ("await call()", True, False, True),
        ("x = call()", False, False, False),
        ("x = await call()", True, False, False),
        ("return call()", False, False, False),
        ("for x in call(): pass", False, False, False),
        ("for x in y: call()", False, True, True),
        ("async for x in y:\n    await call()", True, True, True),
        ("while call(): pass", False, True, False),
        ("while x: call()", False, True, True),
        ("[x for x in call()]", False, False, False),
        ("[call() for x in y]", False, True, False),
        ("{await call(): 1 for x in y}", True, True, False),
        ("[x for x in y if call()]", False, True, False),
        ("[x for y in z for x in call()]", False, True, False),
        ("with call() as x: pass", False, False, False),
        ("try:\n    call()\nfinally: pass", False, False, True),
        ("try: pass\nexcept E: call()", False, False, True),
        ("match x:\n    case 1: call()", False, False, True),
        ("match x:\n    case 1 if call(): pass", False, False, False),
        ("if call(): pass", False, False, False),
        ("if x: pass\nelif y: call()", False, False, True),
        ("raise call() from x", False, False, False),
        ("f'{call()!r:>{x}}'", False, False, False),
        ("x[call():]", False, False, False),
        ("x = {**call()}", False, False, False),
        ("assert call(), 1", False, False, False),
        ("del x[call()]", False, False, False),
        ("x += call()", False, False, False),
    ],
)
def test_flags(body: str, awaited: bool, in_loop: bool, is_statement: bool) -> None:
    ((text, site),) = sites(body)
    assert text == "call()"
    assert (site.awaited, site.in_loop, site.is_statement) == (awaited, in_loop, is_statement)


def test_nested_definitions_have_their_own_sites() -> None:
    assert sites("def inner(): call()\nclass C: call()") == []
