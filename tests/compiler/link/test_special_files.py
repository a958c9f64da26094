from datetime import timedelta
from pathlib import Path

import pytest
from convexity.values import v
from convexity_compiler.link.project import LinkedProject

from tests.compiler.projects import HEADER, link_files

CRONS = """\
from datetime import timedelta
from convexity.server import cron_jobs
from ._generated.api import api, internal
MINUTES = 5
crons = cron_jobs()
"""
JOBS = (
    HEADER
    + "@internal_mutation(args={'a': v.number()}, returns=v.null())\nasync def clean(ctx, a): ...\n"
)


def crons(root: Path, text: str) -> LinkedProject:
    return link_files(root, {"crons.py": CRONS + text, "jobs.py": JOBS})


def test_jobs(tmp_path: Path) -> None:
    project = crons(
        tmp_path,
        'crons.interval("clean", timedelta(minutes=MINUTES), internal.jobs.clean, a=1)\n'
        'crons.cron("nightly", "0 4 * * *", internal.jobs.clean, a=[{"b": None}])\n',
    )
    first, second = project.crons
    assert (first.method, first.name, first.interval) == ("interval", "clean", timedelta(minutes=5))
    assert first.function is project.by_path["jobs:clean"]
    assert first.args == {"a": 1}
    assert (second.expression, second.args) == ("0 4 * * *", {"a": [{"b": None}]})
    assert first.name_location is not None
    assert first.schedule_location is not None
    assert first.reference_location is not None
    assert project.text_of(first.name_location) == '"clean"'
    assert project.text_of(first.schedule_location) == "timedelta(minutes=MINUTES)"
    assert project.text_of(first.reference_location) == "internal.jobs.clean"
    assert project.text_of(first.arg_locations["a"]) == "a=1"


@pytest.mark.parametrize(
    ("text", "method", "reference", "args"),
    [
        ('crons.daily("x", internal.jobs.clean, hour_utc=1, a=2)', "daily", "jobs:clean", {"a": 2}),
        ('crons.interval("x", 60, internal.jobs.clean)', "interval", "jobs:clean", {}),
        ('crons.interval("x", timedelta(hours=1), api.gone.f)', "interval", "gone:f", {}),
        ('crons.interval("x", timedelta(hours=1), clean)', "interval", None, {}),
        ('crons.interval("x", timedelta(hours=1))', "interval", None, {}),
        (
            'crons.cron(name(), "* * * * *", internal.jobs.clean, a=now())',
            "cron",
            "jobs:clean",
            None,
        ),
        ('crons.cron("x", "* * * * *", internal.jobs.clean, **more)', "cron", "jobs:clean", None),
    ],
)
def test_jobs_with_faults_are_kept_as_far_as_known(
    tmp_path: Path, text: str, method: str, reference: str | None, args: object
) -> None:
    (cron,) = crons(tmp_path, text).crons
    assert cron.method == method
    assert (cron.reference and cron.reference.wire_path) == reference
    assert cron.args == args


def test_crons_under_another_name_are_not_jobs(tmp_path: Path) -> None:
    text = CRONS.replace("crons = ", "jobs = ") + 'jobs.cron("x", "* * * * *", internal.jobs.clean)'
    project = link_files(tmp_path, {"crons.py": text})
    assert project.crons == ()
    (export,) = project.special_exports
    assert (export.found, export.candidate_name) == (False, "jobs")


HTTP = (
    HEADER + "from convexity.server import http_router\nfrom . import hooks\nhttp = http_router()\n"
)
HOOKS = HEADER + "@http_action\nasync def hook(ctx, request): ...\n"


def test_routes_in_both_forms(tmp_path: Path) -> None:
    project = link_files(
        tmp_path,
        {
            "hooks.py": HOOKS,
            "http.py": HTTP
            + """
PREFIX = "/files/"
@http.route(path="/echo", method="POST")
@http_action
async def echo(ctx, request): ...

http.route(path_prefix=PREFIX, method="GET", handler=hooks.hook)
http.route(path="/late", method=METHOD, handler=echo)
http.route(path="/x", path_prefix="/y", method="get", handler=nothing)
""",
        },
    )
    first, second, third, fourth = project.routes
    assert (first.method, first.path, first.path_prefix) == ("POST", "/echo", None)
    assert first.handler is not None
    assert (first.handler.module, first.handler.definition.name) == ("http", "echo")
    assert first.handler.decorators_above == ()
    assert (second.path_prefix, second.method) == ("/files/", "GET")
    assert second.handler is not None
    assert second.handler.module == "hooks"
    assert (third.method, third.is_resolved) == (None, False)
    assert fourth.handler is None
    assert (fourth.path, fourth.path_prefix, fourth.method) == ("/x", "/y", "get")
    assert second.path_location is not None
    assert project.text_of(second.path_location) == "PREFIX"


def test_app_with_environment_and_components(tmp_path: Path) -> None:
    project = link_files(
        tmp_path,
        {
            "convex_config.py": """
                from convexity.components.workpool import workpool
                from convexity.server import define_app
                from convexity.values import v
                from .billing.convex_config import component as billing

                ENV = {"MODEL": v.string()}
                app = define_app(env={**ENV, "LIMIT": v.optional(v.string())})
                app.use(workpool, name="mailPool")
                app.use(workpool)
                app.use(billing)
                """,
            "billing/convex_config.py": """
                from convexity.server import define_component
                component = define_component("billing")
                """,
        },
    )
    app = project.app
    assert app is not None
    assert {name: entry.validator for name, entry in app.environment.items()} == {
        "MODEL": v.string(),
        "LIMIT": v.optional(v.string()),
    }
    assert project.text_of(app.environment["LIMIT"].location) == '"LIMIT"'
    assert [(entry.name, entry.source) for entry in app.components] == [
        ("mailPool", "convexity.components.workpool.workpool"),
        ("workpool", "convexity.components.workpool.workpool"),
        ("billing", "convex.billing.convex_config.component"),
    ]
    assert project.unresolved == ()


def test_auth(tmp_path: Path) -> None:
    project = link_files(
        tmp_path,
        {
            "auth_config.py": """
                from convexity.server import define_auth, oidc_provider
                auth = define_auth(oidc_provider(domain="https://x", application_id="y"))
                """
        },
    )
    assert project.auth is not None
    assert project.auth.providers == 1


def test_component_file_is_no_app(tmp_path: Path) -> None:
    text = "from convexity.server import define_component\ncomponent = define_component('x')\n"
    project = link_files(tmp_path, {"convex_config.py": text})
    assert [(e.name, e.found) for e in project.special_exports] == [("component", True)]
