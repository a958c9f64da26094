"""Summarise the modules of a project, from the cache where possible."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Final

from convexity_compiler.summary.decode import SummaryDecoder
from convexity_compiler.summary.model import Problem
from convexity_compiler.summary.summarise import build_trees, dump, without_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from convexity_compiler.discover import ModuleFile
    from convexity_compiler.summary.cache import SummaryCache
    from convexity_compiler.summary.model import ModuleSummary
    from convexity_compiler.summary.sources import Source
    from convexity_compiler.summary.tags import Tree

    Trees = tuple[Tree, list[Tree]]

PARALLEL_CHARACTERS: Final = 1_500_000
"""Amount of source from which starting processes pays (about 300 modules)."""


def load_summaries(
    sources: Sequence[Source], cache: SummaryCache | None
) -> dict[str, ModuleSummary]:
    """Return the summaries by wire path, in the order of ``sources``."""
    summaries: dict[str, ModuleSummary] = {}
    missing: list[tuple[ModuleFile, str, str]] = []
    for source in sources:
        file, digest, text = source.file, source.digest, source.text
        if isinstance(text, Problem):
            summaries[file.module] = without_content(file.path, digest, "", text)
            continue
        cached = cache.load(digest, file.path, text) if cache else None
        if cached is None:
            missing.append((file, digest, text))
        else:
            summaries[file.module] = cached
    for (file, digest, text), trees in zip(missing, _build_all(missing), strict=True):
        if isinstance(trees, Problem):
            summaries[file.module] = without_content(file.path, digest, text, trees)
            continue
        head, bodies = trees
        if cache:
            # Bodies stay as text until a rule asks for them: a tenth of the memory of lists.
            bodies = [body if isinstance(body, str) else dump(body) for body in bodies]
            cache.store(digest, dump(head), bodies)
        summaries[file.module] = SummaryDecoder(head, bodies).module(file.path, digest, text)
    if cache and missing:
        cache.prune({source.digest for source in sources})
    return {source.file.module: summaries[source.file.module] for source in sources}


def load_summary(source: Source, cache: SummaryCache | None) -> ModuleSummary:
    """Return the summary of one module.

    Unlike the summaries of a whole project this one keeps the bodies of its functions ready.
    """
    file, digest, text = source.file, source.digest, source.text
    if isinstance(text, Problem):
        return without_content(file.path, digest, "", text)
    cached = cache.load(digest, file.path, text) if cache else None
    if cached is not None:
        return cached
    trees = build_trees(text)
    if isinstance(trees, Problem):
        return without_content(file.path, digest, text, trees)
    head, bodies = trees
    texts = [dump(body) for body in bodies]
    if cache:
        cache.store(digest, dump(head), texts)
    return SummaryDecoder(head, bodies, texts).module(file.path, digest, text)


def _build_all(modules: Sequence[tuple[ModuleFile, str, str]]) -> Iterable[Trees | Problem]:
    """Parse modules, on all cores when there is much to do and forking is safe."""
    texts = [text for _, _, text in modules]
    processes = os.cpu_count() or 1
    enough = sum(map(len, texts)) >= PARALLEL_CHARACTERS
    if enough and processes > 1 and threading.active_count() == 1:
        import multiprocessing

        if "fork" in multiprocessing.get_all_start_methods():
            with multiprocessing.get_context("fork").Pool(processes) as pool:
                return [
                    entry if isinstance(entry, Problem) else (json.loads(entry[0]), entry[1])
                    for entry in pool.map(_build_texts, texts, chunksize=16)
                ]
    return map(build_trees, texts)


def _build_texts(text: str) -> tuple[str, list[str]] | Problem:
    """What a worker process hands back: JSON, which is cheaper to pass on than trees."""
    trees = build_trees(text)
    return trees if isinstance(trees, Problem) else (dump(trees[0]), list(map(dump, trees[1])))
