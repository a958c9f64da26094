"""``[tool.convexity]`` of pyproject.toml, read strictly: an unknown key or value is an error."""

from __future__ import annotations

import difflib
import keyword
import tomllib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Severity: TypeAlias = Literal["error", "warning", "info"]
Profile: TypeAlias = Literal["guidelines", "recommended", "all"]

DEFAULT_FUNCTIONS_FOLDER = "convex"
DEFAULT_CACHE_FOLDER = ".convexity/cache"
DEFAULT_BASELINE = "convexity-baseline.json"


EDITIONS: Final = ("2026-11",)
"""Dates at which the rules that run by default changed, oldest first; see ``Rule.edition``."""


class ConfigError(Exception):
    """The configuration cannot be used; the text names the place, the reason and the way out."""

    key: str = ""
    """The setting it is about, where it is one of pyproject.toml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one project."""

    root: Path
    """Absolute path of the project root; every path of a diagnostic is relative to it."""
    functions: str = DEFAULT_FUNCTIONS_FOLDER
    """Functions folder relative to ``root``, with slashes."""
    edition: str = EDITIONS[-1]
    """The edition whose rules run; what came later runs only where it is selected."""
    carried: str = ""
    """For a component, the folder that a build carries as a whole: the functions folder of the
    application, or the package; empty for an application, where it is ``functions``."""
    profile: Profile = "guidelines"
    """Which rules run, and how strictly (docs/guides/check.md, Settings)."""
    select: tuple[str, ...] = ()
    """Names, codes or families of rules that run in addition to those of the profile."""
    ignore: tuple[str, ...] = ()
    """Names, codes or families of rules that never run."""
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Severity by name, code or family, instead of the rule's own; a later one counts."""
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Glob of paths relative to ``root`` → rules that do not report there."""
    unsuppressible: tuple[str, ...] = ()
    """Rules whose findings no comment can silence."""
    access_control_pattern: str = ""
    """Regular expression for the names of functions that decide on access, searched for in them;
    "" for the pattern of ``rules/usage/guards.py``."""
    fail_on: Severity = "error"
    """The least severity that makes ``check`` exit with 1."""
    baseline: str = DEFAULT_BASELINE
    """File of the findings that do not count, relative to ``root``."""
    cache_dir: str = DEFAULT_CACHE_FOLDER
    """Folder of what one run leaves to the next, relative to ``root``."""
    project_name: str = ""
    """``[project].name``, else the name of the root folder."""
    dependencies: tuple[str, ...] = ()
    """``[project].dependencies``, copied to the backend's requirements."""

    @property
    def carried_folder(self) -> str:
        """The folder that a build carries as a whole, relative to ``root``."""
        return self.carried or self.functions

    @property
    def functions_path(self) -> Path:
        """Absolute path of the functions folder."""
        return self.root / self.functions

    @property
    def baseline_path(self) -> Path:
        """Absolute path of the baseline."""
        return self.root / self.baseline

    @property
    def cache_path(self) -> Path:
        """Absolute path of the cache folder."""
        return self.root / self.cache_dir


def find_root(start: Path) -> Path:
    """Return the project root: the nearest folder, from ``start`` upwards, with a project in it.

    A project is a pyproject.toml with ``[tool.convexity]``, or a folder ``convex`` with modules.
    Without either, the nearest folder with a pyproject.toml, or else ``start`` itself. A built
    backend, which carries the folder too, is no project.
    """
    start = start.resolve()
    fallback: Path | None = None
    for folder in (start, *start.parents):
        pyproject = folder / "pyproject.toml"
        if pyproject.is_file():
            if "convexity" in _table(
                f"{pyproject}: `[tool]`", _read_toml(pyproject).get("tool", {})
            ):
                return folder
            fallback = fallback or folder
        is_built = (folder / "convexity" / "backend.py").exists()
        if (
            folder.name != DEFAULT_FUNCTIONS_FOLDER
            and not is_built
            and any((folder / DEFAULT_FUNCTIONS_FOLDER).glob("*.py"))
        ):
            return folder
    return fallback or start


def load_config(root: Path) -> Config:
    """Read the settings of the project at ``root``; without a pyproject.toml the defaults.

    Raises ConfigError for unreadable TOML, unknown keys and values of the wrong type.
    """
    root = root.resolve()
    pyproject = root / "pyproject.toml"
    document = _read_toml(pyproject) if pyproject.is_file() else {}
    project = _table(f"{pyproject}: `[project]`", document.get("project", {}))
    tools = _table(f"{pyproject}: `[tool]`", document.get("tool", {}))
    table = _table(f"{pyproject}: `[tool.convexity]`", tools.get("convexity", {}))
    dependencies = project.get("dependencies", [])
    settings: dict[str, Any] = {}
    for key, value in table.items():
        try:
            settings[key.replace("-", "_")] = _setting(pyproject, key, value)
        except ConfigError as error:
            error.key = key
            raise
    return Config(
        root=root,
        project_name=str(project.get("name", "")) or root.name,
        dependencies=_strings(f"{pyproject}: `dependencies` in [project]", dependencies),
        **settings,
    )


def edition(where: str, value: object) -> str:
    """Return the edition that ``value`` names.

    Raises ConfigError, with the nearest edition, when there is none; ``where`` begins its text.
    """
    text = _string(where, value)
    if text not in EDITIONS:
        known = nearest(text, EDITIONS) or max(
            (entry for entry in EDITIONS if entry <= text), default=EDITIONS[0]
        )
        raise ConfigError(f"{where}: there is no edition `{text}`; did you mean `{known}`?")
    return text


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean `x`?"`` for the known name nearest to ``name``, or nothing."""
    match = nearest(name, known)
    return "" if match is None else f"; did you mean `{match}`?"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to ``name``, if one is near at all."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def _setting(pyproject: Path, key: str, value: object) -> object:
    reader = _READERS.get(key)
    if reader is None:
        raise ConfigError(
            f"{pyproject}: unknown key `{key}` in [tool.convexity]{did_you_mean(key, _READERS)}"
        )
    return reader(f"{pyproject}: `{key}` in [tool.convexity]", value)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None


def _string(where: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{where} must be a non-empty string, not {value!r}")
    return value


def _path_inside(where: str, value: object) -> str:
    """A path inside the project, normalised to slashes."""
    path = PurePosixPath(_string(where, value).replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or path == PurePosixPath():
        raise ConfigError(f"{where} must be a path inside the project, not {value!r}")
    return str(path)


def _functions_folder(where: str, value: object) -> str:
    folder = _path_inside(where, value)
    for part in folder.split("/"):
        if not part.isidentifier() or keyword.iskeyword(part):
            raise ConfigError(
                f"{where}: `{part}` cannot be imported as a package;"
                " use letters, digits and underscores"
            )
    return folder


def _strings(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{where} must be a list of strings, not {value!r}")
    return tuple(_string(where, item) for item in value)


def _pattern(where: str, value: object) -> str:
    import re

    pattern = _string(where, value)
    try:
        re.compile(pattern)
    except re.error as error:
        raise ConfigError(f"{where} is no regular expression: {error}") from None
    return pattern


def _choice(where: str, value: object, choices: tuple[str, ...]) -> str:
    if value not in choices:
        listed = ", ".join(f'"{choice}"' for choice in choices)
        raise ConfigError(f"{where} must be one of {listed}, not {value!r}")
    return str(value)


def _profile(where: str, value: object) -> str:
    return _choice(where, value, get_args(Profile))


def _severity(where: str, value: object) -> str:
    return _choice(where, value, get_args(Severity))


def _table(where: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table, not {value!r}")
    return value


def _severities(where: str, value: object) -> dict[str, str]:
    return {key: _severity(f"{where}.{key}", item) for key, item in _table(where, value).items()}


def _ignores(where: str, value: object) -> dict[str, tuple[str, ...]]:
    return {key: _strings(f"{where}.{key}", item) for key, item in _table(where, value).items()}


_READERS = {
    "functions": _functions_folder,
    "edition": edition,
    "profile": _profile,
    "select": _strings,
    "ignore": _strings,
    "severity": _severities,
    "per-file-ignores": _ignores,
    "unsuppressible": _strings,
    "access-control-pattern": _pattern,
    "fail-on": _severity,
    "baseline": _path_inside,
    "cache-dir": _path_inside,
}

SETTINGS: Final = tuple(_READERS)
"""The keys of ``[tool.convexity]``; fields of ``Config`` with hyphens."""
