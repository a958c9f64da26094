import json
from pathlib import Path

import jsonschema_rs
import pytest
from convexity.values import v
from convexity_compiler.ir import CronIR, HttpRouteIR, IndexIR, ProjectIR
from convexity_compiler.lower.json_form import ir_to_json
from convexity_compiler.pipeline import compile_project, load_project

from tests.compiler.projects import HEADER, link_files, write_project

REPOSITORY = Path(__file__).parents[3]
SCHEMA = json.loads((REPOSITORY / "docs/reference/ir.schema.json").read_text(encoding="utf-8"))

WHOLE = {
    "pyproject.toml": """
        [project]
        name = "whole"
        dependencies = ["openai>=2", "numpy"]
        """,
    "schema.py": """
        from convexity.server import define_schema, define_table
        from convexity.values import v
        schema = define_schema(
            zebras=define_table(v.union(v.object(a=v.literal(1)), v.object(b=v.bytes()))),
            Apes=define_table(
                name=v.optional(v.string()), tags=v.array(v.string()), vector=v.array(v.number()),
                keyed=v.record(v.id("zebras"), v.int64()),
            )
            .index("by_Name", ["name"])
            .search_index("search_name", search_field="name", filter_fields=["tags"], staged=True)
            .vector_index("by_vector", vector_field="vector", dimensions=3),
            schema_validation=False,
        )
        """,
    "z.py": HEADER
    + """
@query(args={"b": v.optional(v.any()), "a": v.number()}, returns=v.array(v.null()), name="list")
async def list_(ctx: QueryCtx, a: int, b=None):
    '''All of them.'''
@internal_action(args={}, returns=v.null(), runtime="process")
async def work(ctx: ActionCtx): ...
@query(args={}, returns=v.unknown())
async def broken(ctx: QueryCtx): ...
@query(args={}, returns=v.optional(v.null()))
async def absent(ctx: QueryCtx): ...
@query
async def bare(ctx): ...
""",
    "a/b.py": HEADER + "@mutation(args={}, returns=v.null())\nasync def f(ctx): ...\n",
    "a/__init__.py": "",
    "http.py": HEADER
    + """
from convexity.server import http_router
http = http_router()
@http.route(path="/echo", method="POST")
@http_action
async def echo(ctx, request): ...
http.route(path_prefix="/files/", method="GET", handler=echo)
http.route(path="/broken", method="GET", handler=missing)
""",
    "crons.py": """
        from datetime import timedelta
        from convexity.server import cron_jobs
        from ._generated.api import internal
        crons = cron_jobs()
        crons.interval("sweep", timedelta(hours=1.5), internal.z.work)
        crons.cron("deep", "0 4 * * *", internal.z.work, x=b"1", n=1, o={"a": [None]})
        crons.cron("lost", "0 4 * * *", internal.gone.f)
        """,
    "convex_config.py": """
        from convexity.components.workpool import workpool
        from convexity.server import define_app
        from convexity.values import v
        app = define_app(env={"B": v.string(), "A": v.optional(v.string())})
        app.use(workpool, name="pool")
        """,
    "auth_config.py": "from convexity.server import define_auth\nauth = define_auth()\n",
}


@pytest.fixture
def whole(tmp_path: Path) -> ProjectIR:
    return compile_project(link_files(tmp_path, WHOLE))


def test_project(whole: ProjectIR) -> None:
    assert (whole.name, whole.functions_folder, whole.has_auth) == ("whole", "convex", True)
    assert whole.dependencies == ("openai>=2", "numpy")
    assert whole.python_modules == (
        "a/__init__.py", "a/b.py", "auth_config.py", "convex_config.py", "crons.py", "http.py",
        "schema.py", "z.py",
    )  # fmt: skip


def test_tables(whole: ProjectIR) -> None:
    assert (whole.has_schema, whole.schema_validation) == (True, False)
    apes, zebras = whole.tables
    assert (apes.name, apes.storage, apes.view) == ("Apes", "doc_^apes", "^apes")
    assert apes.indexes == (
        IndexIR(
            name="by_creation_time", fields=("_creationTime",), storage="idx_^apes.by_creation_time"
        ),
        IndexIR(name="by_Name", fields=("name",), storage="idx_^apes.by_^name"),
    )
    (search,) = apes.search_indexes
    assert (search.search_field, search.filter_fields, search.staged) == ("name", ("tags",), True)
    (vector,) = apes.vector_indexes
    assert (vector.vector_field, vector.dimensions) == ("vector", 3)
    assert zebras.validator == v.union(v.object(a=v.literal(1)), v.object(b=v.bytes()))


def test_functions_that_could_be_linked(whole: ProjectIR) -> None:
    assert [function.path for function in whole.functions] == ["a/b:f", "z:list", "z:work"]
    listed = whole.functions[1]
    assert (listed.module, listed.name, listed.definition) == ("z", "list", "list_")
    assert (listed.kind, listed.visibility, listed.runtime) == ("query", "public", "server")
    assert listed.docstring == "All of them."
    assert [*listed.args.fields] == ["b", "a"]
    assert listed.args.fields["a"].integral  # type: ignore[attr-defined]
    assert whole.functions[2].runtime == "process"


def test_routes_and_jobs_that_could_be_linked(whole: ProjectIR) -> None:
    assert whole.routes == (
        HttpRouteIR(
            method="POST", path="/echo", path_prefix=None, module="http", definition="echo"
        ),
        HttpRouteIR(
            method="GET", path=None, path_prefix="/files/", module="http", definition="echo"
        ),
    )
    deep, sweep = whole.crons
    assert sweep == CronIR(
        name="sweep",
        schedule="interval",
        seconds=5400.0,
        expression=None,
        function="z:work",
        args={},
    )
    assert deep.expression == "0 4 * * *"
    assert deep.args == {"n": 1, "o": {"a": [None]}, "x": b"1"}


def test_environment_and_components(whole: ProjectIR) -> None:
    assert [(entry.name, entry.validator) for entry in whole.environment] == [
        ("A", v.optional(v.string())),
        ("B", v.string()),
    ]
    assert [(entry.name, entry.source) for entry in whole.components] == [
        ("pool", "convexity.components.workpool.workpool")
    ]


def test_json_form_fits_its_published_schema(whole: ProjectIR) -> None:
    tree = ir_to_json(whole)
    jsonschema_rs.validate(SCHEMA, tree)
    assert json.loads(json.dumps(tree)) == tree


@pytest.mark.parametrize(
    ("path", "value"),
    [(("format_version",), 2), (("tables", 0, "storage"), "UPPER"), (("crons", 0, "extra"), 1)],
)
def test_published_schema_refuses_other_things(
    whole: ProjectIR, path: tuple[str | int, ...], value: object
) -> None:
    tree = ir_to_json(whole)
    place: object = tree
    for part in path[:-1]:
        place = place[part]  # type: ignore[index]
    place[path[-1]] = value  # type: ignore[index]
    assert not jsonschema_rs.is_valid(SCHEMA, tree)


def test_order_of_files_and_working_folder_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: ProjectIR
) -> None:
    monkeypatch.chdir(tmp_path)
    again = tmp_path / "again"
    write_project(again, dict(reversed(list(WHOLE.items()))))
    assert compile_project(load_project(again)) == whole
    assert compile_project(load_project(again)) == whole


def test_project_without_anything(tmp_path: Path) -> None:
    ir = compile_project(load_project(tmp_path))
    assert (ir.tables, ir.modules, ir.has_schema, ir.schema_validation) == ((), (), False, True)
    jsonschema_rs.validate(SCHEMA, ir_to_json(ir))


@pytest.mark.parametrize("example", sorted((REPOSITORY / "examples").glob("*/convex")))
def test_examples_are_linked_in_full(example: Path) -> None:
    project = load_project(example.parent)
    assert project.unresolved == ()
    assert project.misplaced == ()
    ir = compile_project(project)
    assert len(ir.functions) == len(project.functions)
    jsonschema_rs.validate(SCHEMA, ir_to_json(ir))
