"""No text a user can write makes a stage raise."""

import ast
import random
from pathlib import Path
from textwrap import dedent

from convexity_compiler.config import Config
from convexity_compiler.discover import ModuleFile, ProjectFiles
from convexity_compiler.link.agreement import agrees
from convexity_compiler.link.component_definitions import ComponentStore
from convexity_compiler.link.link import link
from convexity_compiler.link.project import LinkedProject
from convexity_compiler.lower.json_form import ir_to_json
from convexity_compiler.lower.lower import lower
from convexity_compiler.summary.summarise import summarise
from convexity_compiler.summary.walk import call_sites
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.compiler.lower.test_lower import WHOLE
from tests.compiler.projects import HEADER

SEEDS = {
    name: dedent(text) for name, text in WHOLE.items() if name.endswith(".py") and "/" not in name
} | {
    "helpers.py": HEADER
    + """
from typing import *
from datetime import timedelta
from convexity.server import pagination_opts_validator, pagination_result_validator
from ._generated.api import api, internal, components
from ._generated.data_model import Id, Apes, ApesDoc
from .schema import schema
T = TypeVar("T")
class Base(TypedDict, Generic[T], total=False):
    a: Required[list[T]]
    b: "NotRequired[Id[Apes] | None]"
class More(Base[str]):
    c: Literal["x", 1]
A, *B = {"a": v.string(), **{}}, v.null()
C = A | {f"k{i}": v.array(x) for i, x in enumerate(B) if i < 2}
def page(item, /, *rest, limit=v.number(), **extra):
    shape = v.object(items=v.array(item), **extra)
    if limit is None:
        return shape
    return shape.extend({"limit": limit}).pick("items")
@query(
    args={**C, "opts": pagination_opts_validator, "n": v.number()},
    returns=page(schema.doc("Apes")),
)
async def f(
    ctx: QueryCtx, opts: "PaginationOptions", n: int = 1, **rest: Unpack[More]
) -> list[ApesDoc] | None:
    '''Doc.'''
    for row in [x async for x in ctx.db.query("Apes").with_index("by_Name").eq("name", "x")]:
        await ctx.run_query(internal.z.list, a=row["_id"])
    match n:
        case {"a": [b, *c], **d} if (e := b): return lambda q: q.eq(f"{b!r:>{c}}", -1 + 2j)
        case _: raise ValueError from None
"""
}
TOKENS = [
    "v",
    ".string()",
    ".array(",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "**",
    "*",
    "|",
    ",",
    ":",
    "=",
    "==",
    "schema",
    "A",
    "C",
    "f",
    "page",
    "lambda x: x",
    "await ",
    "None",
    "1",
    "'x'",
    "b'x'",
    "1e999",
    "9" * 30,
    "not ",
    " if 1 else ",
    "for x in y",
    "@query",
    "\n",
    "\n    ",
    "async def g(ctx): ...",
    "import m",
    "from . import *",
    "from .helpers import *",
    "class K(K): ...",
    "type X = int",
    "Id[Apes]",
    "Literal['a']",
    "TypedDict",
    "Optional[",
    "'Id[",
    "...",
    "# convexity: ",
    "\\",
    "define_schema(",
    "define_table(",
    ".index('x', ['y'])",
    "del A",
    "global A",
    "ä",
    "\ud800",
]
CONFIG = Config(root=Path("/nowhere"))


def linked(sources: dict[str, bytes]) -> LinkedProject:
    summaries = {
        name.removesuffix(".py"): summarise(source, name) for name, source in sources.items()
    }
    modules = tuple(
        ModuleFile(path=name, module=name.removesuffix(".py"), file=Path(name)) for name in sources
    )
    files = ProjectFiles(
        root=CONFIG.root,
        functions_folder="convex",
        exists=True,
        modules=modules,
        invalid_names=(),
        package_files=(),
        reserved=(),
    )
    return link(files, summaries, CONFIG, ComponentStore(CONFIG, {}))


def check_everything(sources: dict[str, bytes]) -> None:
    """Run every stage and touch what rules touch."""
    project = linked(sources)
    for module in project.modules.values():
        for function in module.functions:
            for site in call_sites(function):
                name = project.resolver.qualified_name(module.module, site.call.function, function)
                assert name is None or isinstance(name, str)
                project.resolver.reference(module.module, site.call.function, function)
                module.source(site.call.span)
    for registered in project.functions:
        if registered.returns is not None and registered.returns.validator is not None:
            agrees(registered.return_annotation.type, registered.returns.validator)
    for entry in project.unresolved:
        assert entry.reason
        assert entry.location.module in project.modules
    ir_to_json(lower(project))


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@given(st.binary(max_size=200))
@settings(deadline=None)
@example(b"\xff\xfe\x00")
@example(b"\xef\xbb\xbf# coding: latin-1")
@example(b"# coding: utf-7\n+2AA-")
@example(b"\x0c\x1a")
def test_any_bytes(source: bytes) -> None:
    module = summarise(source, "m.py")
    assert module.problem is None or module.problem.message


@given(st.lists(st.sampled_from(TOKENS), max_size=25).map("".join))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_tokens(text: str) -> None:
    check_everything(
        {
            "m.py": encoded(HEADER + text),
            "helpers.py": encoded(SEEDS["helpers.py"]),
            "schema.py": encoded(text),
        }
    )


@given(st.randoms(use_true_random=False), st.integers(1, 6))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_text_of_real_modules(chance: random.Random, edits: int) -> None:
    sources = dict(SEEDS)
    for _ in range(edits):
        name = chance.choice(sorted(sources))
        text = sources[name]
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice([0, 1, 5, 40]))
        sources[name] = text[:start] + chance.choice(TOKENS) + text[end:]
    check_everything({name: encoded(text) for name, text in sources.items()})


@given(st.randoms(use_true_random=False), st.integers(1, 8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_trees_of_real_modules(chance: random.Random, edits: int) -> None:
    """Exchange expressions between modules, which keeps most of them parsable."""
    trees = {name: ast.parse(text) for name, text in sorted(SEEDS.items())}
    pool = [
        node
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    ]
    for _ in range(edits):
        target = chance.choice(pool)
        field = chance.choice(target._fields) if target._fields else None
        if field is not None and isinstance(getattr(target, field), ast.expr):
            setattr(target, field, chance.choice(pool))
    sources = {}
    for name, tree in trees.items():
        try:
            sources[name] = encoded(ast.unparse(tree))
        except (RecursionError, ValueError, TypeError, AttributeError):
            sources[name] = encoded(SEEDS[name])
    check_everything(sources)


def test_deep_expressions_at_every_depth() -> None:
    for depth in (50, 200, 400, 900, 3000):
        nested = "v.array(" * min(depth, 150) + "v.null()" + ")" * min(depth, 150)
        chained = "v" + ".x" * depth
        added = " | ".join(["A"] * depth)
        names = "\n".join(f"N{n} = N{n + 1}" for n in range(depth))
        text = f"{HEADER}A = {{}}\nX = {nested}\nY = {chained}\nZ = v.object({added})\n{names}\n"
        text += f"N{depth} = v.null()\n"
        text += f"@query(args={{}}, returns=N0)\nasync def f(ctx) -> '{added}': ...\n"
        check_everything({"m.py": encoded(text)})
