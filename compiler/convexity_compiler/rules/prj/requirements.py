"""What a project's requirements provide, as far as this environment tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    return _normalized(package) in distributions or not distributions.isdisjoint(
        _providers(package)
    )


def is_importable(package: str) -> bool:
    """Whether the package can be found here; True where asking fails."""
    from importlib.util import find_spec

    try:
        return find_spec(package) is not None
    except (ImportError, ValueError, AttributeError):
        return True


def _providers(package: str) -> Iterator[str]:
    from importlib.metadata import packages_distributions

    for name in packages_distributions().get(package, ()):
        yield _normalized(name)


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
