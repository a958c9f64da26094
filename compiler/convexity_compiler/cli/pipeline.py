"""The stages of the compiler, put together for the commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.errors import CommandError
from convexity_compiler.config import Config, find_root, load_config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.incremental.snapshot import Snapshot
    from convexity_compiler.ir import ProjectIR
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.timing import Timing


def configure(project: Path | None) -> Config:
    """Return the settings of the project at ``project``, by default the nearest one.

    Raises ConfigError for settings that cannot be used.
    """
    if project is None:
        try:
            project = find_root(Path.cwd())
        except FileNotFoundError:
            raise CommandError("the working directory does not exist any more") from None
    return load_config(project)


def snapshot(config: Config) -> Snapshot:
    """Read a project, which is summarised and linked when somebody asks.

    Raises CommandError when the project has no functions folder.
    """
    from convexity_compiler.incremental.snapshot import Snapshot

    found = Snapshot(config, {}, {})
    if not found.files.exists:
        raise _no_functions(config)
    return found


def load(config: Config, overlays: Mapping[str, str] | None = None) -> LinkedProject:
    """Discover, summarise and link a project.

    ``overlays`` has texts that stand for files, by path relative to the root. Raises CommandError
    when the project has no functions folder.
    """
    from convexity_compiler.pipeline import load_project

    project = load_project(config.root, config, overlays=overlays)
    if not project.files.exists:
        raise _no_functions(config)
    return project


def _no_functions(config: Config) -> CommandError:
    return CommandError(
        f"{config.root} has no functions folder `{config.functions}`",
        help_text="run `convexity init` to create one, or name it in pyproject.toml:"
        ' `[tool.convexity] functions = "..."`',
    )


def check(config: Config, parts: list[LinkedProject]) -> list[Diagnostic]:
    """Run the rules over the parts of a project; return what comments and baseline leave."""
    from convexity_compiler.cli.known_findings import without_known
    from convexity_compiler.rules.engine import examine

    found = [finding for part in parts for finding in examine(part)]
    return [finding for finding in without_known(found, config) if finding.silence is None]


def findings(
    config: Config,
    *,
    use_cache: bool = True,
    texts: Mapping[str, str] | None = None,
    types: bool = False,
    timing: Timing | None = None,
) -> list[Diagnostic]:
    """Check a project: return all findings; those that comments silence are marked.

    Args:
        config: The settings of the project.
        use_cache: Whether to read and write the cache.
        texts: What stands for files, by path relative to the root.
        types: Whether to run mypy too, at the same time.
        timing: Learns where the time goes; the check is then done in full, in this process.

    Raises CommandError, and ConfigError for settings that name a rule that does not exist.

    """
    if not types:
        return _findings(config, use_cache, texts or {}, None, timing)
    from convexity_compiler.cli.type_checking import TypeCheck

    with TypeCheck(config) as type_check:
        return _findings(config, use_cache, texts or {}, type_check.findings, timing)


def _findings(
    config: Config,
    use_cache: bool,
    texts: Mapping[str, str],
    types: Callable[[], list[Diagnostic]] | None,
    timing: Timing | None,
) -> list[Diagnostic]:
    if timing is not None:
        from convexity_compiler.rules.engine import examine

        with timing.phase("read and summarise"):
            project = load(config, texts)
            tuple(project.modules.values())  # each is summarised when it is looked up
        with timing.phase("link and check"):
            *components, own = parts(project)
            found = examine(own, types, timing=timing)
            return [
                *found,
                *(entry for part in components for entry in examine(part, None, timing=timing)),
            ]
    from convexity_compiler.session import CheckSession

    result = CheckSession(config.root, config, use_cache=use_cache).check(texts, types)
    if not result.has_functions:
        raise _no_functions(config)
    return list(result.examined)


def narrow(findings: list[Diagnostic], config: Config, paths: tuple[str, ...]) -> list[Diagnostic]:
    """Return the findings in ``paths``, files or folders; all of them without paths."""
    if not paths:
        return findings
    wanted = [Path(path).resolve() for path in paths]
    return [
        finding
        for finding in findings
        if any((config.root / finding.path).is_relative_to(path) for path in wanted)
    ]


def require_paths(config: Config, paths: tuple[str, ...], *, types: bool = False) -> None:
    """Raise CommandError for a path that narrows the report to nothing.

    A path counts when it encloses the functions folder within the project, and when it is a folder
    or a Python file in there. With ``types`` anywhere in the project: mypy follows imports.
    """
    functions = config.functions_path.resolve()
    checked = config.root if types else functions
    for path in paths:
        place = Path(path).resolve()
        if place.is_relative_to(checked):
            is_checked, reason = place.is_dir() or place.suffix == ".py", "no Python file"
        else:
            is_checked = functions.is_relative_to(place) and place.is_relative_to(config.root)
            reason = f"outside {'the project' if types else 'the functions folder'}"
        if not is_checked:
            raise CommandError(
                f"{path} is {reason}",
                help_text=f"name files or folders in {checked}, or none to check all of it;"
                " for another project, give its root with `--project`",
            )


def parts(project: LinkedProject) -> list[LinkedProject]:
    """Return the components in the functions folder of a project, and the project itself last."""
    return [*project.components.local(project), project]


def lower(project: LinkedProject, *, otherwise: str = "") -> ProjectIR:
    """Turn a linked project into the backend IR, or end the command.

    Findings that make generation impossible are printed first, then what that means for the
    command, ``otherwise``; the command exits with 1.
    """
    from convexity_compiler.cli import reporting
    from convexity_compiler.pipeline import compile_project
    from convexity_compiler.rules.engine import obstacles

    found = obstacles(project)
    if found:
        reporting.report(found, project.config.root)
        if otherwise:
            click.echo(otherwise, err=True)
        raise SystemExit(1)
    return compile_project(project)
