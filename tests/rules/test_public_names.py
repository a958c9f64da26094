"""What rules know of the packages is what the packages offer."""

from __future__ import annotations

from importlib import import_module

import pytest
from convexity_compiler.rules.usage.public_names import PUBLIC


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_the_names_are_those_of_the_package(module: str) -> None:
    assert PUBLIC[module] == set(import_module(module).__all__)
