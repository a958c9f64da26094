"""``_api/__init__.pyi`` and ``api.pyi``: the modules as nested classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from convexity_compiler.emit.names import GeneratedNameError
from convexity_compiler.emit.references.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from convexity_compiler.emit.references.modules import ModuleStub

_STUBS: Final = "_generated"
"""Name under which ``api.pyi`` imports ``_api``; no user module may be called so."""


@dataclass(slots=True)
class _Folder:
    """Modules and folders of one folder of the project."""

    modules: set[str] = field(default_factory=set)
    folders: dict[str, _Folder] = field(default_factory=dict)

    def walk(self, path: str = "") -> Iterator[tuple[str, _Folder]]:
        """Yield every folder with its path, ending in a slash unless it is the root."""
        yield path, self
        for name, folder in sorted(self.folders.items()):
            yield from folder.walk(f"{path}{name}/")


def package_stubs(paths: Iterable[str]) -> dict[str, str]:
    """Stubs that make packages of ``_api`` and its folders, by path below ``_api``.

    Raises:
        GeneratedNameError: a module lies beside a folder of the same name.

    """
    return {
        f"{path}__init__.pyi": render(
            "package.pyi", names=sorted({*folder.modules, *folder.folders})
        )
        for path, folder in _tree(paths).walk()
    }


def api_stub(modules: Mapping[str, ModuleStub], components: tuple[str, ...]) -> str:
    """``api.pyi``: ``api``, ``internal`` and ``components``."""
    return render(
        "api.pyi",
        stubs=_STUBS,
        has_modules=bool(modules),
        roots={root: _class_body(modules, root) for root in ("api", "internal")},
        components=components,
    )


def _class_body(modules: Mapping[str, ModuleStub], root: str) -> list[str]:
    """Lines of the class ``root``: one alias per module, one class per folder."""
    paths = [path for path, stub in modules.items() if root in stub.roots]
    return _lines(_tree(paths), f"{_STUBS}.", root)


def _lines(folder: _Folder, prefix: str, root: str) -> list[str]:
    lines = [f"{name} = {prefix}{name}.{root}" for name in sorted(folder.modules)]
    for name, child in sorted(folder.folders.items()):
        if lines:
            lines.append("")
        lines.append(f"class {name}:")
        lines += [f"    {line}" if line else "" for line in _lines(child, f"{prefix}{name}.", root)]
    return lines


def _tree(paths: Iterable[str]) -> _Folder:
    root = _Folder()
    for path in paths:
        *parents, name = path.split("/")
        folder = root
        for parent in parents:
            folder = folder.folders.setdefault(parent, _Folder())
        folder.modules.add(name)
    for path, folder in root.walk():
        for name in sorted(folder.modules & folder.folders.keys()):
            raise GeneratedNameError(
                f"`api.{f'{path}{name}'.replace('/', '.')}` would stand for both the module "
                f"{path}{name}.py and the folder {path}{name}/; rename one of them"
            )
    return root
