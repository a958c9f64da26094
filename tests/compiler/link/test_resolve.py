from pathlib import Path
from textwrap import dedent

import pytest
from convexity_compiler.link.project import LinkedProject
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.expressions import Call

from tests.compiler.projects import link_files

OTHERS = {
    "shared.py": "from time import sleep\nimport datetime\n_private = 1\n"
    "def helper(): ...\nclass Shape: ...\n",
    "pack/__init__.py": "from ..shared import helper as packed\n",
    "pack/deep.py": "from ..shared import *\nfrom . import packed\nVALUE = 1\n",
    "bare/inner.py": "THING = 1\n",
    "loop_a.py": "from .loop_b import x\n",
    "loop_b.py": "from .loop_a import x\n",
}


def resolved(root: Path, module: str, imports: str, expression: str) -> str | None:
    """Qualified name of an expression in a function ``f`` of ``module``."""
    text = f"{dedent(imports)}\nasync def f(ctx, arg):\n    probe({expression})\n"
    project = link_files(root, {**OTHERS, module: text})
    path = module.removesuffix(".py")
    assert project.modules[path].problem is None
    function = next(entry for entry in project.modules[path].functions if entry.name == "f")
    (statement,) = [
        entry
        for entry in function.statements
        if isinstance(entry, s.Evaluate)
        and isinstance(entry.value, Call)
        and getattr(entry.value.function, "id", "") == "probe"
    ]
    assert isinstance(statement.value, Call)
    return project.resolver.qualified_name(path, statement.value.arguments[0], function)


@pytest.mark.parametrize(
    ("imports", "expression", "name"),
    [
        ("import time", "time.sleep", "time.sleep"),
        ("import time as t", "t.sleep", "time.sleep"),
        ("from time import sleep as nap", "nap", "time.sleep"),
        ("import os.path", "os.path.join", "os.path.join"),
        ("import os.path as p", "p.join", "os.path.join"),
        ("from convexity.values import v as validate", "validate.id", "convexity.values.v.id"),
        ("import convexity.values as cv", "cv.v", "convexity.values.v"),
        ("from ._generated.api import internal", "internal.a.b", "_generated.api.internal.a.b"),
        ("from ._generated import api as refs", "refs.api.x", "_generated.api.api.x"),
        ("from .shared import helper", "helper", "shared.helper"),
        ("from .shared import helper as h", "h", "shared.helper"),
        ("from .shared import sleep", "sleep", "time.sleep"),
        ("from . import shared", "shared.Shape", "shared.Shape"),
        ("from . import shared", "shared.datetime.datetime.now", "datetime.datetime.now"),
        ("import convex.shared", "convex.shared.helper", "shared.helper"),
        ("from convex import shared", "shared.helper", "shared.helper"),
        ("from convex.pack.deep import VALUE", "VALUE", "pack/deep.VALUE"),
        ("from .pack import packed", "packed", "shared.helper"),
        ("from .pack import deep", "deep.helper", "shared.helper"),
        ("from .pack.deep import packed", "packed", "shared.helper"),
        ("from .bare import inner", "inner.THING", "bare/inner.THING"),
        ("from . import bare", "bare.inner.THING", "bare/inner.THING"),
        ("from .shared import *", "helper", "shared.helper"),
        ("from .shared import *", "_private", None),
        ("from .loop_a import x", "x", None),
        ("from .nowhere import x", "x", None),
        ("from ...outside import x", "x", "...outside.x"),
        ("", "len", "builtins.len"),
        ("", "undefined", None),
        ("", "arg", None),
        ("", "ctx.db", None),
        ("", "'text'", None),
        ("", "f", "m.f"),
        ("nap = time.sleep\nimport time", "nap", "time.sleep"),
        ("def len(): ...", "len", "m.len"),
        (
            "try:\n    import ujson as json\nexcept ImportError:\n    import json",
            "json.loads",
            "json.loads",
        ),
    ],
)
def test_qualified_names(tmp_path: Path, imports: str, expression: str, name: str | None) -> None:
    assert resolved(tmp_path, "m.py", imports, expression) == name


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("import time\n    probe(time.sleep)", "time.sleep"),
        ("from time import sleep\n    probe(sleep)", "time.sleep"),
        ("time = arg\n    probe(time.sleep)", None),
        ("for time in arg: pass\n    probe(time.sleep)", None),
        ("with arg as time: pass\n    probe(time.sleep)", None),
        ("try: pass\n    except E as time: pass\n    probe(time.sleep)", None),
        ("match arg:\n        case {'a': time}: pass\n    probe(time.sleep)", None),
        ("def time(): ...\n    probe(time.sleep)", None),
        ("global time\n    time = arg\n    probe(time.sleep)", "time.sleep"),
        ("(time := arg)\n    probe(time.sleep)", None),
    ],
)
def test_local_names_hide_global_ones(tmp_path: Path, body: str, name: str | None) -> None:
    text = f"import time\nasync def f(ctx, arg):\n    {body}\n"
    project = link_files(tmp_path, {"m.py": text})
    assert probe_name(project) == name


def test_enclosing_functions_are_scopes(tmp_path: Path) -> None:
    text = "import time\ndef outer(time):\n    def f():\n        probe(time.sleep)\n"
    assert probe_name(link_files(tmp_path, {"m.py": text})) is None


def probe_name(project: LinkedProject) -> str | None:
    module = project.modules["m"]
    assert module.problem is None
    function = next(entry for entry in module.functions if entry.name == "f")
    call = next(
        entry.value
        for entry in function.statements
        if isinstance(entry, s.Evaluate)
        and isinstance(entry.value, Call)
        and getattr(entry.value.function, "id", "") == "probe"
    )
    return project.resolver.qualified_name("m", call.arguments[0], function)


@pytest.mark.parametrize(
    ("imports", "expression", "root", "wire_path"),
    [
        ("from ._generated.api import internal", "internal.index.f", "internal", "index:f"),
        ("from ._generated.api import api as a", "a.messages.access.h", "api", "messages/access:h"),
        ("from ._generated import api", "api.api.m.f", "api", "m:f"),
        ("from ._generated.api import components", "components.pool.m.f", "components", "pool/m:f"),
        ("from ._generated.api import internal\nmine = internal.m", "mine.f", "internal", "m:f"),
        ("from ._generated.api import internal", "internal.m", "internal", None),
        ("from ._generated.api import internal", "internal", "internal", None),
    ],
)
def test_references(
    tmp_path: Path, imports: str, expression: str, root: str, wire_path: str | None
) -> None:
    text = f"{imports}\nX = [{expression}]\n"
    project = link_files(tmp_path, {"m.py": text})
    value = project.modules["m"].assignments[-1].statement.value
    found = project.resolver.reference("m", value.elements[0])  # type: ignore[union-attr]
    assert found is not None
    assert (found.root, found.wire_path) == (root, wire_path)
    assert project.text_of(found.location) == expression


def test_other_names_are_no_references(tmp_path: Path) -> None:
    project = link_files(tmp_path, {"m.py": "from elsewhere import internal\nX = [internal.m.f]\n"})
    value = project.modules["m"].assignments[0].statement.value
    assert project.resolver.reference("m", value.elements[0]) is None  # type: ignore[union-attr]
