"""Mistakes in generated files, which are made on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.mutation.generated import Spoiler, spoiled
from tests.mutation.project import Project
from tests.mutation.registry import project_seed

_FUNCTION = '''

@query(args={}, returns=v.null())
async def nothing_at_all(ctx: QueryCtx) -> None:
    """Do nothing."""
'''


def _spoils(rule: str) -> Callable[[Spoiler], Spoiler]:
    def register(spoil: Spoiler) -> Spoiler:
        def make() -> Iterator[Project]:
            return spoiled(spoil)

        make.__name__ = spoil.__name__
        project_seed(rule)(make)
        return spoil

    return register


def _module(folder: Path) -> Path:
    """Return a module with registered functions."""
    return next(
        path
        for path in sorted(folder.rglob("*.py"))
        if "_generated" not in path.parts and "@query(" in path.read_text()
    )


def _replace(path: Path, old: str, new: str, *, behind: str = "") -> None:
    head, mark, rest = path.read_text().partition(behind) if behind else ("", "", path.read_text())
    assert old in rest, path
    path.write_text(head + mark + rest.replace(old, new, 1))


def _stub(folder: Path) -> Path:
    """Return the stub of a module."""
    return next(path for path in sorted((folder / "_generated" / "_api").rglob("*.pyi")))


@_spoils("stale-generated-code")
def function_added(folder: Path) -> None:
    module = _module(folder)
    module.write_text(module.read_text() + _FUNCTION)


@_spoils("stale-generated-code")
def function_renamed(folder: Path) -> None:
    _replace(_module(folder), "async def ", "async def other_", behind="@query(")


@_spoils("stale-generated-code")
def documentation_changed(folder: Path) -> None:
    _replace(_module(folder), '    """', '    """Now and then: ', behind="@query(")


@_spoils("stale-generated-code")
def table_added(folder: Path) -> None:
    schema = folder / "schema.py"
    text = schema.read_text()
    schema.write_text(text.replace("define_schema(", 'define_schema({"more": define_table({})}, '))
    if "define_schema(\n    {" in text:
        opened = 'define_schema(\n    {"more": define_table({}), '
        schema.write_text(text.replace("define_schema(\n    {", opened))


@_spoils("stale-generated-code")
def stub_deleted(folder: Path) -> None:
    _stub(folder).unlink()


@_spoils("stale-generated-code")
def declarations_deleted(folder: Path) -> None:
    (folder / "_generated" / "api.d.ts").unlink()


@_spoils("stale-generated-code")
def never_generated(folder: Path) -> None:
    shutil.rmtree(folder / "_generated")


@_spoils("edited-generated-code")
def line_at_the_end(folder: Path) -> None:
    stub = _stub(folder)
    stub.write_text(f"{stub.read_text()}\nMORE = 1\n")


@_spoils("edited-generated-code")
def line_at_the_end_of_a_module(folder: Path) -> None:
    module = folder / "_generated" / "server.py"
    module.write_text(f"{module.read_text()}\nMORE = 1\n")


@_spoils("edited-generated-code")
def other_type(folder: Path) -> None:
    _replace(folder / "_generated" / "_tables.pyi", ": str", ": bytes")


@_spoils("edited-generated-code")
def line_removed(folder: Path) -> None:
    path = folder / "_generated" / "data_model.pyi"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")


@_spoils("edited-generated-code")
def spaces_alone(folder: Path) -> None:
    path = folder / "_generated" / "api.d.ts"
    path.write_text(f"{path.read_text()}  \n")


@_spoils("edited-generated-code")
def digest_of_another(folder: Path) -> None:
    path = folder / "_generated" / "server.pyi"
    lines = path.read_text().splitlines(keepends=True)
    number = next(at for at, line in enumerate(lines) if "Digest of the rest" in line)
    lines[number] = lines[number].rpartition(" ")[0] + " 0123456789abcdef\n"
    path.write_text("".join(lines))


@_spoils("orphan-generated-file")
def module_deleted(folder: Path) -> None:
    stub = _stub(folder)
    shutil.copy(stub, stub.with_name("gone.pyi"))


@_spoils("orphan-generated-file")
def package_deleted(folder: Path) -> None:
    stub = _stub(folder)
    target = folder / "_generated" / "_api" / "gone" / "deep" / "jobs.pyi"
    target.parent.mkdir(parents=True)
    shutil.copy(stub, target)


@_spoils("orphan-generated-file")
def module_of_the_past(folder: Path) -> None:
    shutil.copy(folder / "_generated" / "server.py", folder / "_generated" / "registrars.py")


@_spoils("orphan-generated-file")
def declarations_of_the_past(folder: Path) -> None:
    shutil.copy(folder / "_generated" / "api.d.ts", folder / "_generated" / "more.d.ts")


@_spoils("orphan-generated-file")
def source_moved(folder: Path) -> None:
    module = _module(folder)
    module.rename(module.with_name("moved_elsewhere.py"))
