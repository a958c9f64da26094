"""Names that fixes need, in modules that import this way and that."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.cli import fixing
from convexity_compiler.config import load_config

from tests.fixes.fixed_projects import write_files

SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(messages=define_table(text=v.string()))
"""


def fixed(tmp_path: Path, text: str, path: str = "convex/m.py") -> str:
    root = write_files(tmp_path, {"convex/schema.py": SCHEMA, path: text})
    fixing.fix_project(load_config(root), (), unsafe=True).write()
    return (root / path).read_text()


def module(imports: str, decorator: str, annotation: str) -> str:
    return f"{imports}\n\n{decorator}\nasync def f(ctx: QueryCtx) -> {annotation}: ...\n"


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        pytest.param(
            "from ._generated.server import QueryCtx, query\n",
            "from convexity.values import v\n\nfrom ._generated.server import QueryCtx, query\n",
            "v",
            id="no such statement",
        ),
        pytest.param(
            "from convexity.values import ConvexError\n\n"
            "from ._generated.server import QueryCtx, query\n",
            "from convexity.values import ConvexError, v\n\n"
            "from ._generated.server import QueryCtx, query\n",
            "v",
            id="a statement on one line",
        ),
        pytest.param(
            "from convexity.values import (\n    ConvexError,  # errors\n    # and this\n)\n"
            "from ._generated.server import QueryCtx, query\n",
            "from convexity.values import (\n    ConvexError,\n    v,  # errors\n"
            "    # and this\n)\n"
            "from ._generated.server import QueryCtx, query\n",
            "v",
            id="a statement of several lines with comments",
        ),
        pytest.param(
            "from convexity.values import v as validate\n"
            "from ._generated.server import QueryCtx, query\n",
            None,
            "validate",
            id="another name",
        ),
        pytest.param(
            "import convexity.values as values\nfrom ._generated.server import QueryCtx, query\n",
            None,
            "values.v",
            id="a module under another name",
        ),
        pytest.param(
            "from convexity import values\nfrom ._generated.server import QueryCtx, query\n",
            None,
            "values.v",
            id="a module of a package",
        ),
        pytest.param(
            '"""Notes."""\n\nfrom __future__ import annotations\n\nimport json\n\n'
            "from ._generated.server import QueryCtx, query\n\nprint(json)\n",
            '"""Notes."""\n\nfrom __future__ import annotations\n\nimport json\n\n'
            "from convexity.values import v\n\n"
            "from ._generated.server import QueryCtx, query\n\nprint(json)\n",
            "v",
            id="between the standard library and the project",
        ),
    ],
)
def test_validators_are_imported_where_they_are_missing(
    before: str, after: str | None, name: str, tmp_path: Path
) -> None:
    text = fixed(tmp_path, module(before, "@query(args={})", "None"))

    decorator = f"@query(args={{}}, returns={name}.null())"
    assert text == module(before if after is None else after, decorator, "None")


@pytest.mark.parametrize(
    ("path", "dots"), [("convex/m.py", "."), ("convex/a/m.py", ".."), ("convex/a/b/m.py", "...")]
)
def test_relative_imports_reach_the_functions_folder(path: str, dots: str, tmp_path: Path) -> None:
    head = "from convexity.values import v\n\n"
    server = f"from {dots}_generated.server import QueryCtx, query\n"
    decorator = '@query(args={}, returns=v.nullable(v.id("messages")))'

    text = fixed(tmp_path, module(head + server, decorator, "str | None"), path)

    model = f"from {dots}_generated.data_model import Id, Messages\n"
    assert text == module(head + model + server, decorator, "Id[Messages] | None")


def test_documents_come_from_the_schema(tmp_path: Path) -> None:
    head = (
        "from .._generated.data_model import MessagesDoc\n"
        "from .._generated.server import QueryCtx, query\n"
    )

    text = fixed(tmp_path, module(head, "@query(args={})", "list[MessagesDoc]"), "convex/a/m.py")

    decorator = '@query(args={}, returns=v.array(schema.doc("messages")))'
    imports = f"from convexity.values import v\n\n{head}from ..schema import schema\n"
    assert text == module(imports, decorator, "list[MessagesDoc]")


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    head = "from ._generated.server import QueryCtx, query\n\nv = 3\n"
    text = module(head, "@query(args={})", "None")

    assert fixed(tmp_path, text) == text


def test_imports_for_type_checkers_serve_annotations_that_are_not_evaluated(
    tmp_path: Path,
) -> None:
    head = (
        "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
        "from convexity.values import v\n\nfrom ._generated.server import QueryCtx, query\n\n"
        "if TYPE_CHECKING:\n    from ._generated.data_model import Id, Messages\n"
    )
    decorator = '@query(args={}, returns=v.id("messages"))'

    text = fixed(tmp_path, module(head, decorator, "str"))

    assert text == module(head, decorator, "Id[Messages]")


def test_many_functions_share_their_imports(tmp_path: Path) -> None:
    head = "from ._generated.server import QueryCtx, query\n"
    functions = [
        ("str", "v.string()"),
        ('Literal["a", 1] | None', 'v.nullable(v.literal("a", 1))'),
        ("dict[str, list[float]]", "v.record(v.string(), v.array(v.number()))"),
        ("Optional[bool]", "v.nullable(v.boolean())"),
        ("Any", "v.any()"),
    ]
    typing = "from typing import Any, Literal, Optional\n\n"

    def text(imports: str, *, returns: bool) -> str:
        return (
            typing
            + imports
            + "".join(
                f"\n\n@query(args={{}}{f', returns={validator}' if returns else ''})\n"
                f"async def f{number}(ctx: QueryCtx) -> {annotation}: ...\n"
                for number, (annotation, validator) in enumerate(functions)
            )
        )

    result = fixed(tmp_path, text(head, returns=False))

    assert result == text(f"from convexity.values import v\n\n{head}", returns=True)
