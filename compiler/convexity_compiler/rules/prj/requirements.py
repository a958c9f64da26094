"""What a project's requirements provide, as far as this environment tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)", re.ASCII)


def distribution_names(requirements: Iterable[str]) -> frozenset[str]:
    """Return the normalized names (PEP 503) that requirements begin with."""
    return frozenset(
        _normalized(match[1]) for line in requirements if (match := _NAME.match(line)) is not None
    )


def are_installed(distributions: Iterable[str]) -> bool:
    """Whether all distributions are: only then is it known what they let a module import."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        for name in distributions:
            distribution(name)
    except PackageNotFoundError:
        return False
    return True


def is_provided(package: str, distributions: frozenset[str]) -> bool:
    """Whether one of the distributions has the name of the package, or installs it here."""
    return _normalized(package) in distributions or any(
        _installs(name, package) for name in distributions
    )


def is_importable(package: str) -> bool:
    """Whether the package can be found here; True where asking fails."""
    from importlib.util import find_spec

    try:
        return find_spec(package) is not None
    except (ImportError, ValueError, AttributeError):
        return True


def _installs(distribution_name: str, package: str) -> bool:
    # importlib.metadata.packages_distributions answers this too, after reading the list of files
    # of everything that is installed: a third of a second.
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(distribution_name)
    except PackageNotFoundError:
        return False
    if package in (found.read_text("top_level.txt") or "").split():
        return True
    return any(file.parts[0].partition(".")[0] == package for file in found.files or ())


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
