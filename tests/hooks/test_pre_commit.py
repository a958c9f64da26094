"""The hooks of ``.pre-commit-hooks.yaml``, run by pre-commit in a repository of its own.

pre-commit clones the hooks' repository, makes a virtual environment and installs the clone into
it, as it does for users. Only what the package depends on comes from the environment of the tests
instead of an index, so that this works offline.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SHIPPED = (
    ".pre-commit-hooks.yaml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "compiler",
    "codegen_templates",
    "runtime_stub",
)
SOUND = '''\
from convexity.values import v

from ._generated.server import QueryCtx, query


@query(args={}, returns=v.string())
async def ping(ctx: QueryCtx) -> str:
    """Answer."""
    return "pong"
'''
WRONG = '''\
from ._generated.server import QueryCtx, query


@query
async def ping(ctx: QueryCtx) -> None:
    """Do nothing."""
'''

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


class Repository:
    """A git repository whose commits go through pre-commit."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it; stdout and stderr are one."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def must(self, *command: str) -> str:
        result = self.run(*command)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def convexity(self, *arguments: str) -> str:
        return self.must(sys.executable, "-m", "convexity_compiler", *arguments)

    def commit(self) -> subprocess.CompletedProcess[str]:
        """Try to commit everything."""
        self.must("git", "add", "--all")
        return self.run("git", "commit", "--message", "a change")

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("home")
    return {
        **os.environ,
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "test@example.org" for who in ("AUTHOR", "COMMITTER")},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(folder / "pre-commit"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PYTHONPATH": sysconfig.get_paths()["purelib"],
    }


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Repository:
    """A repository with the package and its hooks, as they are in the working tree."""
    repository = Repository(tmp_path_factory.mktemp("hooks"), environment)
    for name in SHIPPED:
        source = REPOSITORY / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, repository.folder / name, ignore=ignored)
        else:
            shutil.copy(source, repository.folder / name)
    repository.must("git", "init", "--quiet")
    repository.must("git", "add", "--all")
    repository.must("git", "commit", "--quiet", "--message", "the package")
    return repository


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str], hooks: Repository
) -> Repository:
    """A sound project under pre-commit with its first commit."""
    repository = Repository(tmp_path_factory.mktemp("project"), environment)
    revision = hooks.must("git", "rev-parse", "HEAD").strip()
    repository.write(
        ".pre-commit-config.yaml",
        "repos:\n"
        f"  - repo: {hooks.folder}\n"
        f"    rev: {revision}\n"
        "    hooks:\n"
        "      - id: convexity-check\n"
        "      - id: convexity-codegen\n",
    )
    repository.write(".gitignore", ".convexity/\n")
    repository.write("pyproject.toml", '[project]\nname = "pings"\n\n[tool.convexity]\n')
    repository.write("convex/ping.py", SOUND)
    repository.convexity("codegen")
    repository.must("git", "init", "--quiet")
    repository.must("pre-commit", "install")
    first = repository.commit()
    assert first.returncode == 0, first.stdout
    assert first.stdout.count("Passed") == 2
    return repository


def test_a_violation_fails_until_it_is_fixed(project: Repository) -> None:
    project.write("convex/ping.py", WRONG)

    refused = project.commit()

    assert refused.returncode == 1
    assert "(bare-registration, FUN003)" in refused.stdout
    project.convexity("fix")
    project.convexity("codegen")
    assert project.commit().returncode == 0


def test_stale_generated_files_fail_until_they_are_written(project: Repository) -> None:
    project.write("convex/late.py", SOUND.replace("ping", "late"))

    refused = project.commit()

    assert refused.returncode == 1
    assert "missing: convex/_generated/_api/late.pyi" in refused.stdout
    assert "convexity check" in refused.stdout
    project.convexity("codegen")
    assert project.commit().returncode == 0


def test_a_change_of_the_settings_is_checked(project: Repository) -> None:
    project.write("pyproject.toml", "[tool.convexity]\nfunction = 1\n")

    refused = project.commit()

    assert refused.returncode == 1
    assert "did you mean `functions`?" in refused.stdout
    project.must("git", "checkout", "HEAD", "--", "pyproject.toml")


def test_other_files_are_nobody_s_business(project: Repository) -> None:
    project.write("README.md", "# Pings\n")

    result = project.commit()

    assert result.returncode == 0
    assert result.stdout.count("(no files to check)Skipped") == 2
