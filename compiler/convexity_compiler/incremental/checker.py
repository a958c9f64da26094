"""Check a project, and next time only what can have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.collector import collector_paused
from convexity_compiler.discover import CONFIG_MODULE
from convexity_compiler.incremental.components import are_unchanged, component_contents
from convexity_compiler.incremental.keys import check_key, files_key, settings_key
from convexity_compiler.incremental.snapshot import Snapshot
from convexity_compiler.incremental.state import CheckState, ModuleResult
from convexity_compiler.incremental.store import StateStore
from convexity_compiler.incremental.workers import run_shares, shares, usable_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.rules.registry import SelectedRule
    from convexity_compiler.summary.model import ModuleSummary

    Types: TypeAlias = Callable[[], Sequence[Diagnostic]]


class Checker:
    """Checks one project repeatedly, in one process or in many runs with a cache on disk.

    What it finds is what a first check of the same files would find.
    """

    def __init__(
        self, config: Config, *, use_cache: bool = True, processes: int | None = None
    ) -> None:
        """Check under ``config``.

        Args:
            config: The settings of the project.
            use_cache: Whether to read and write the cache on disk.
            processes: How many processes to work in; by default what pays.

        """
        self._config = config
        self._processes = processes
        self._components: dict[str, Checker] = {}
        self._store: StateStore | None = None
        self._state: CheckState | None = None
        self._known: Mapping[str, ModuleSummary] = {}
        if use_cache:
            self._store = StateStore(config.cache_path, settings_key(config))

    @collector_paused()
    def check(
        self, overlays: Mapping[str, str], types: Types | None = None
    ) -> tuple[Snapshot, tuple[Diagnostic, ...]]:
        """Return the project as it is, and all findings with those silenced, in report order.

        The findings of the components in its functions folder follow its own.

        ``overlays`` has unsaved texts by path relative to the root; ``types`` waits for the
        findings of a type checker, None when none runs. Raises ConfigError for settings that name
        a rule that does not exist.
        """
        snapshot, findings = self._check_own(overlays, types)
        for folder in snapshot.files.components:
            findings += self._component(snapshot, folder).check(overlays)[1]
        return snapshot, findings

    def _component(self, snapshot: Snapshot, folder: str) -> Checker:
        """What checks a component in the functions folder."""
        if folder not in self._components:
            from convexity_compiler.link.component_places import ComponentPlace

            config = self._config
            place = ComponentPlace(root=config.root, folder=f"{config.functions}/{folder}")
            self._components[folder] = Checker(
                snapshot.components.settings(place),
                use_cache=self._store is not None,
                processes=self._processes,
            )
        return self._components[folder]

    def _check_own(
        self, overlays: Mapping[str, str], types: Types | None
    ) -> tuple[Snapshot, tuple[Diagnostic, ...]]:
        snapshot = Snapshot(self._config, overlays, self._known)
        key = check_key(self._config)
        before = self._state
        if before is None or before.key != key:
            before = CheckState(key=key) if self._store is None else self._store.load(key)
        files = files_key(snapshot.files)
        stale = before.stale(files, snapshot.digests)
        if not are_unchanged(before.components):
            stale = set(snapshot.digests)
        if not stale and before.findings is not None and types is None:
            self._state = before
            return snapshot, before.findings
        from convexity_compiler.rules.registry import select_rules

        rules = select_rules(self._config)
        fresh = self._check_modules(snapshot, stale, rules)
        modules = {
            path: fresh[path] if path in stale else before.modules[path]
            for path in sorted(snapshot.sources)
        }
        findings = _report(snapshot, modules, rules, types)
        uses_components = CONFIG_MODULE in snapshot.sources or snapshot.files.components
        is_kept = types is None and not any(entry.rule.on_demand for entry in rules)
        self._keep(
            snapshot,
            CheckState(
                key=key,
                files=files,
                components=component_contents(snapshot) if uses_components else {},
                digests=snapshot.digests,
                modules=modules,
                findings=findings if is_kept else None,
            ),
            is_saved=not overlays,
        )
        return snapshot, findings

    def _check_modules(
        self, snapshot: Snapshot, stale: set[str], rules: Sequence[SelectedRule]
    ) -> dict[str, ModuleResult]:
        sources = [snapshot.sources[path] for path in sorted(stale)]
        processes = self._processes or usable_processes(sources)

        def work(part: Iterable[str]) -> dict[str, ModuleResult]:
            return dict(_module_results(snapshot, part, rules))

        if processes > 1:
            snapshot.prepare()
        return run_shares(shares(sources, processes), work, processes)

    def _keep(self, snapshot: Snapshot, state: CheckState, *, is_saved: bool) -> None:
        self._state = state
        self._known = snapshot.modules.loaded
        if self._store is not None and is_saved:
            self._store.save(state)


def _report(
    snapshot: Snapshot,
    modules: Mapping[str, ModuleResult],
    rules: Sequence[SelectedRule],
    types: Types | None,
) -> tuple[Diagnostic, ...]:
    """Put together what was found, and work out which of it comments silence."""
    from convexity_compiler.rules.comments import COMMENT_MARKS, conclude
    from convexity_compiler.rules.engine import check_project, combine

    project = snapshot.project
    found = {path: result.report for path, result in modules.items()}
    commented = [
        snapshot.modules[path]
        for path, source in snapshot.sources.items()
        if any(map(source.mentions, COMMENT_MARKS))
    ]
    raw = [*check_project(project, rules, found), *combine(project, found)]
    return tuple(conclude(snapshot.config, commented, rules, raw, types() if types else None))


def _module_results(
    snapshot: Snapshot, modules: Iterable[str], rules: Sequence[SelectedRule]
) -> Iterator[tuple[str, ModuleResult]]:
    from convexity_compiler.incremental.needs import NeedsFinder
    from convexity_compiler.rules.engine import check_module

    linker = snapshot.linker
    finder = NeedsFinder(linker)
    for path in modules:
        with linker.needs.checked(path):
            report = check_module(snapshot.project, path, rules)
        needs = finder.of(path)
        linker.resolver.forget(path)
        snapshot.modules[path].release()
        yield path, ModuleResult(report, needs.modules, needs.everything)
