"""The checker gives findings or silence for any file; FUZZ_EXAMPLES asks for longer runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from convexity_compiler.cli import main
from convexity_compiler.config import load_config
from convexity_compiler.pipeline import load_project
from convexity_compiler.rules.engine import check
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.damage import damaged
from tests.support.backends import copy_project
from tests.support.corpus import CORPUS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
MODULES = {
    path.relative_to(CORPUS / name).as_posix(): path.read_text()
    for name in ("forum", "helpdesk")
    for path in sorted((CORPUS / name / "convex").rglob("*.py"))
}
fuzzed = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(CORPUS / "helpdesk", tmp_path_factory.mktemp("fuzz") / "helpdesk")


@fuzzed
@given(path=st.sampled_from(sorted(MODULES)), data=damaged(list(MODULES.values())))
def test_damaged_modules_are_checked(project: Path, path: str, data: bytes) -> None:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_bytes() if file.exists() else None
    file.write_bytes(data)
    try:
        for finding in check(load_project(project, load_config(project))):
            assert finding.span.line >= 1
            assert finding.message
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)


@fuzzed
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_are_checked(project: Path, data: bytes) -> None:
    file = project / "convex" / "noise.py"
    file.write_bytes(data)
    try:
        check(load_project(project, load_config(project)))
    finally:
        file.unlink()


@settings(max_examples=max(5, EXAMPLES // 10), deadline=None)
@given(data=damaged(list(MODULES.values())))
def test_the_command_ends_with_zero_or_one(project: Path, data: bytes) -> None:
    file = project / "convex" / "damaged.py"
    file.write_bytes(data)
    try:
        result = CliRunner().invoke(main, ["check", "--project", str(project)])
        assert result.exit_code in (0, 1), result.output
        assert "Traceback" not in result.output
    finally:
        file.unlink()
