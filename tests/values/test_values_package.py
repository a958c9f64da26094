"""The package itself: what it exports, what it imports, and its small types."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import convexity.values
import pytest
from convexity.values import UNSET, ConvexError, Id, Int64, ValidationError, from_millis, to_millis
from convexity.values.encoding import EncodingError
from hypothesis import given
from hypothesis import strategies as st

IMPORTED = """
import sys
import convexity.values
for name in ("agreement", "encoding", "ids", "json_form", "limits", "ordering", "sizes",
             "typed_dicts", "validation"):
    __import__(f"convexity.values.{name}")
roots = {name.partition(".")[0] for name in sys.modules}
foreign = roots - sys.stdlib_module_names - {"convexity", "__main__"}
print(sorted(name for name in foreign if not name.startswith(("_", "sitecustomize"))))
"""


def test_only_the_standard_library_is_imported():
    run = subprocess.run(
        [sys.executable, "-I", "-c", IMPORTED], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_everything_exported_exists():
    assert all(hasattr(convexity.values, name) for name in convexity.values.__all__)


def test_unset_is_a_falsy_singleton():
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET


def test_int64():
    assert Int64(5) == 5
    assert repr(Int64(5)) == "Int64(5)"
    assert str(Int64(5)) == f"{Int64(5)}" == "5"
    assert type(Int64(5) + 1) is int
    assert type(pickle.loads(pickle.dumps(Int64(5)))) is Int64


def test_ids_are_static_only():
    assert issubclass(Id, str)


def test_convex_error():
    assert ConvexError({"code": 1}).data == {"code": 1}
    assert str(ConvexError({"code": 1, "of": Int64(2)})) == '{"code":1,"of":2}'
    assert str(ConvexError("Room is full")) == "Room is full"
    assert ConvexError(None).data is None
    assert pickle.loads(pickle.dumps(ConvexError("x"))).data == "x"


def test_validation_errors_are_value_errors_with_a_path():
    error = ValidationError("message", path=".a")
    assert isinstance(error, ValueError)
    assert (str(error), error.path) == ("message", ".a")
    assert isinstance(EncodingError("reason"), ValueError)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_times_round_trip(naive):
    when = naive.replace(tzinfo=UTC)
    assert abs(from_millis(to_millis(when)) - when) <= timedelta(microseconds=1)


def test_times():
    assert to_millis(datetime(1970, 1, 1, 0, 0, 1, 500, tzinfo=UTC)) == 1000.5
    assert to_millis(datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == 0.0
    assert from_millis(1500.0) == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    assert from_millis(-1.0).tzinfo is UTC
    with pytest.raises(ValueError, match="needs an aware datetime"):
        to_millis(datetime(2026, 1, 1))  # noqa: DTZ001
    for millis in (float("nan"), float("inf"), 1e300):
        with pytest.raises(ValueError, match="finite number of milliseconds"):
            from_millis(millis)
