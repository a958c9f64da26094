"""The corpus: whole projects without mistakes, in every style that the language allows."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CORPUS = REPOSITORY / "tests" / "corpus"


def corpus_projects() -> list[Path]:
    """Return the roots of the projects of the corpus, by name."""
    return sorted(path.parent for path in CORPUS.glob("*/pyproject.toml"))


def sound_projects() -> list[Path]:
    """Return the roots of all projects of the repository that have no mistakes."""
    others = ("examples/chat", "benchmarks/project")
    return corpus_projects() + [REPOSITORY / path for path in others]
