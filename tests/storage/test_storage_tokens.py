"""Upload URLs: who made them, and how long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from convexity.storage.tokens import UploadTokenError, UploadTokens
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

moments = st.integers(0, 6_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def code(tokens: UploadTokens, token: str, now: datetime) -> str:
    with pytest.raises(UploadTokenError) as caught:
        tokens.check(token, now)
    return caught.value.code


@given(secret=st.binary(min_size=1), now=moments)
def test_a_token_is_valid_for_an_hour(secret: bytes, now: datetime):
    token = UploadTokens(secret).issue(now)

    # Any process with the secret knows it.
    tokens = UploadTokens(secret)
    tokens.check(token, now)
    tokens.check(token, now + HOUR - timedelta(seconds=1))
    assert code(tokens, token, now + HOUR) == "StorageTokenExpired"


@given(secret=st.binary(min_size=1), other=st.binary(min_size=1), now=moments)
def test_a_token_of_another_deployment_is_refused(secret: bytes, other: bytes, now: datetime):
    token = UploadTokens(secret).issue(now)

    if secret != other:
        assert code(UploadTokens(other), token, now) == "StorageTokenInvalid"


@given(position=st.integers(0, 200), letter=st.characters(codec="utf-8"))
def test_a_changed_token_is_refused(position: int, letter: str):
    tokens = UploadTokens(b"secret")
    token = tokens.issue(NOW)
    place = position % (len(token) - 1)

    changed = token[:place] + letter + token[place + 1 :]

    if changed != token:
        assert code(tokens, changed, NOW) == "StorageTokenInvalid"


@given(text=st.text())
def test_any_text_is_refused(text: str):
    assert code(UploadTokens(b"secret"), text, NOW) == "StorageTokenInvalid"


def test_a_token_can_stand_in_a_url():
    token = UploadTokens(b"secret").issue(NOW)

    assert token.replace("-", "").replace("_", "").isalnum()
