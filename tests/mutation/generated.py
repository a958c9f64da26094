"""Projects of the corpus on disk with what ``codegen`` wrote into them, for mistakes in that."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final, TypeAlias

from convexity_compiler.config import load_config
from convexity_compiler.emit import writer
from convexity_compiler.emit.generated import plan_generated
from convexity_compiler.pipeline import compile_project, load_project

from tests.mutation.project import Project
from tests.support.backends import copy_project
from tests.support.corpus import CORPUS

Spoiler: TypeAlias = Callable[[Path], None]
"""Changes files below the functions folder of a project."""

NAMES: Final = ("forum", "library")
_NUMBERS: Final = count()


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="convexity-mutants-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _generated(name: str) -> Path:
    root = copy_project(CORPUS / name, _folder() / name)
    writer.apply(plan_generated(root, compile_project(load_project(root))))
    return root


def spoiled(spoil: Spoiler) -> Iterator[Project]:
    """Yield projects with up-to-date generated files in which something was changed then."""
    for name in NAMES:
        root = _folder() / str(next(_NUMBERS)) / name
        shutil.copytree(_generated(name), root)
        spoil(root / load_config(root).functions)
        yield Project(root, load_config(root))
