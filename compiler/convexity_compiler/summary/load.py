"""Summarise the modules of a project, from the cache where possible."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from convexity_compiler.span import Span
from convexity_compiler.summary.decode import SummaryDecoder
from convexity_compiler.summary.model import ModuleSummary, Problem
from convexity_compiler.summary.source import decode_source
from convexity_compiler.summary.summarise import (
    source_digest,
    summarise,
    summarise_to_json,
    without_content,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convexity_compiler.discover import ModuleFile
    from convexity_compiler.summary.cache import SummaryCache

PARALLEL_BYTES: Final = 1_500_000
"""Amount of source from which starting processes pays (about 300 modules)."""


def load_summaries(
    files: Sequence[ModuleFile], cache: SummaryCache | None
) -> dict[str, ModuleSummary]:
    """Return the summaries by wire path, in the order of ``files``.

    Without a cache nothing is read from or written to disk but the modules themselves.
    """
    with _without_collector():
        return _load(files, cache)


def _load(files: Sequence[ModuleFile], cache: SummaryCache | None) -> dict[str, ModuleSummary]:
    summaries: dict[str, ModuleSummary] = {}
    missing: list[tuple[ModuleFile, bytes, str]] = []
    digests: set[str] = set()
    for file in files:
        try:
            source = file.file.read_bytes()
        except OSError as error:
            problem = Problem(Span(1, 1, 1, 1), "unreadable", error.strerror or str(error))
            summaries[file.module] = without_content(file.path, "", "", problem)
            continue
        digest = source_digest(source)
        digests.add(digest)
        text = decode_source(source)
        cached = cache.load(digest, file.path, text) if cache and isinstance(text, str) else None
        if cached is None:
            missing.append((file, source, digest))
        else:
            summaries[file.module] = cached
    fresh = _summarise_all([source for _, source, _ in missing])
    for (file, source, digest), texts in zip(missing, fresh, strict=True):
        if texts is None:
            summaries[file.module] = summarise(source, file.path)
            continue
        head, bodies = texts
        text = decode_source(source)
        assert isinstance(text, str)
        summaries[file.module] = SummaryDecoder(json.loads(head), bodies).module(
            file.path, digest, text
        )
        if cache:
            cache.store(digest, head, bodies)
    if cache and missing:
        cache.prune(digests)
    return {file.module: summaries[file.module] for file in files}


def _summarise_all(sources: list[bytes]) -> list[tuple[str, list[str]] | None]:
    """Summarise to JSON, on all cores when there is much to do and forking is safe."""
    processes = os.cpu_count() or 1
    if (
        sum(map(len, sources)) >= PARALLEL_BYTES
        and processes > 1
        and "fork" in multiprocessing.get_all_start_methods()
        and threading.active_count() == 1
    ):
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            return pool.map(summarise_to_json, sources, chunksize=16)
    return [summarise_to_json(source) for source in sources]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Summaries hold no cycles, and the collector would scan them all again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
