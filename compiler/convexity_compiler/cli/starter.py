"""Writing the starter project, around what is there already."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Literal, TypeAlias

import jinja2

from convexity_compiler.config import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Outcome: TypeAlias = Literal["created", "extended", "kept"]


def create(root: Path, functions: str) -> list[tuple[str, Outcome]]:
    """Write what is missing of a project at ``root``; return each path with what became of it.

    Raises ConfigError when pyproject.toml exists and is not valid TOML.
    """
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("convexity_templates", "starter"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    name = root.name or "app"
    values = {
        "name": name.replace("\\", "").replace('"', ""),
        "name_literal": json.dumps(_distribution_name(name)),
        "functions_literal": json.dumps(functions),
        "package": functions.rpartition("/")[2],
    }

    def render(template: str) -> str:
        return templates.get_template(f"{template}.jinja").render(values)

    outcomes: list[tuple[str, Outcome]] = [
        ("pyproject.toml", _settings(root, render("pyproject.toml"), render("settings.toml")))
    ]
    folder = root / functions
    has_modules = any(folder.glob("*.py"))
    outcomes.extend((path, _create(root / path, "")) for path in _packages(functions))
    if not has_modules:  # a project with functions of its own needs no sample
        for path, template in (
            (f"{functions}/schema.py", "schema.py"),
            (f"{functions}/tasks.py", "tasks.py"),
            ("tests/test_tasks.py", "test_tasks.py"),
        ):
            outcomes.append((path, _create(root / path, render(template))))
    outcomes.append((".gitignore", _add_lines(root / ".gitignore", render("gitignore"))))
    return outcomes


def _distribution_name(text: str) -> str:
    """Return what is left of ``text`` in a name that packaging accepts (PEP 508)."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._") or "app"


def _packages(functions: str) -> Iterator[str]:
    parts = functions.split("/")
    for depth in range(len(parts)):
        yield "/".join((*parts[: depth + 1], "__init__.py"))


def _create(path: Path, text: str) -> Outcome:
    if path.exists():
        return "kept"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return "created"


def _settings(root: Path, whole: str, table: str) -> Outcome:
    path = root / "pyproject.toml"
    if not path.exists():
        return _create(path, whole)
    text = path.read_text(encoding="utf-8")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    if "convexity" in document.get("tool", {}):
        return "kept"
    separator = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    path.write_text(f"{text}{separator}{table}", encoding="utf-8")
    return "extended"


def _add_lines(path: Path, text: str) -> Outcome:
    if not path.exists():
        return _create(path, text)
    present = path.read_text(encoding="utf-8")
    lines = present.splitlines()
    missing = [line for line in text.splitlines() if line not in lines]
    if not missing:
        return "kept"
    start = "" if not present or present.endswith("\n") else "\n"
    path.write_text(present + start + "\n".join(missing) + "\n", encoding="utf-8")
    return "extended"
