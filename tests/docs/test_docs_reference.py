"""Pages that come from code are up to date, and pages about settings name them all."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import pytest
from convexity import settings
from convexity.backend import Backend
from convexity.database.tables import Schema
from convexity.http.admin_routes import admin_endpoints
from convexity.http.app_metrics_routes import app_metrics_endpoints
from convexity.http.function_routes import function_endpoints
from convexity.http.repeated_queries import RepeatedQueries
from convexity.http.service_routes import service_endpoints, yielding_endpoints
from convexity.http.transfer_routes import transfer_endpoints
from convexity_compiler.config import Config, load_config

from docs.generate import REFERENCE, pages

GENERATED = pages()


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_pages_are_up_to_date(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")

    assert written == GENERATED[name], "run `make docs`"


def test_the_settings_of_a_project_are_all_listed_and_shown(tmp_path: Path) -> None:
    toml = re.search(r"```toml\n(.*?)```", section("configuration.md", "Project"), re.DOTALL)
    assert toml
    (tmp_path / "pyproject.toml").write_text(toml[1])
    derived = {"root", "project-name", "dependencies", "carried"}
    keys = {field.name.replace("_", "-") for field in dataclasses.fields(Config)} - derived

    load_config(tmp_path)

    assert first_cells("configuration.md", "Project") == keys
    assert all(re.search(rf"\b{key}\b", toml[1]) for key in keys)


def test_the_variables_of_a_backend_are_all_listed() -> None:
    names = re.findall(r'"([A-Z]+_[A-Z_]+)"', inspect.getsource(settings))
    listed = {cell for cell in first_cells("configuration.md", "Backend") if cell[0] != "-"}

    assert listed == set(names)


def test_the_endpoints_are_all_listed(tmp_path: Path) -> None:
    backend = Backend(Schema(tables=()), (), definition=None, project="docs", folder=tmp_path)
    listed = {
        cell.split(" ")[-1].partition("{")[0].partition("?")[0]
        for title in ("Functions", "Service", "Administration")
        for cell in first_cells("http.md", title)
    }

    endpoints = {path for path in listed if path.startswith("/")}
    assert endpoints == {
        *function_endpoints(backend, RepeatedQueries(backend)),
        *service_endpoints(backend),
        *admin_endpoints(backend),
        *app_metrics_endpoints(backend),
        *transfer_endpoints(backend),
        *yielding_endpoints(backend),
    }


def section(page: str, title: str) -> str:
    """The text below a heading of the second level."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(page: str, title: str) -> set[str]:
    """What stands in backticks at the start of each table row of a section."""
    return set(re.findall(r"^\| `([^`]+)` \|", section(page, title), re.MULTILINE))
