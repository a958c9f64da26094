"""Mistakes in functions, references, reads and routes are caught, however they are written."""

from __future__ import annotations

import pytest

from tests.mutation.trial import assert_caught, rules_of


@pytest.mark.parametrize("rule", rules_of(1))
def test_every_form_of_a_mistake_is_caught(rule: str) -> None:
    assert_caught(rule)
