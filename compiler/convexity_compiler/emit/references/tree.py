"""``_api/__init__.pyi`` and ``api.pyi``: the modules as nested classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.names import GeneratedNameError
from convexity_compiler.emit.references.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from convexity_compiler.emit.references.modules import ModuleStub
    from convexity_compiler.ir import MountIR, ProjectIR

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


def api_stub(ir: ProjectIR, modules: Mapping[str, ModuleStub]) -> str:
    """``api.pyi``: ``api``, ``internal`` and ``components``."""
    imports = Imports()
    if modules:
        imports.name(".", f"_api as {_STUBS}")
    components = {mount.name: _component_type(ir, mount, imports) for mount in ir.components}
    return render(
        "api.pyi",
        imports=imports.text(),
        roots={root: _class_of(modules, root) for root in ("api", "internal")},
        components=components,
    )


def _component_type(ir: ProjectIR, mount: MountIR, imports: Imports) -> str:
    """The type of a component, which its own ``_generated`` declares."""
    if mount.component is None:
        return imports.name("convexity.server", "ComponentReference")
    folder = mount.component.functions_folder
    module = f"{folder.replace('/', '.')}.{_STUBS}"
    if mount.is_local:
        # Relative to ``_generated``, as everything inside of the functions folder is.
        own, other = ir.functions_folder.split("/"), folder.split("/")
        pairs = zip(own, other, strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        dots = "." * (len(own) - shared + 2)
        module = f"{dots}{'.'.join((*other[shared:], _STUBS))}"
    imports.name(module, f"component as _{mount.name}")
    return f"_{mount.name}.ComponentApi"


def _class_of(modules: Mapping[str, ModuleStub], root: str) -> list[str]:
    paths = [path for path, stub in modules.items() if root in stub.roots]
    return class_body(paths, root, f"{_STUBS}.")


def class_body(paths: Iterable[str], root: str, prefix: str) -> list[str]:
    """Lines of a class of modules: one alias per module, one class per folder.

    Args:
        paths: Wire paths of the modules.
        root: Class of their stubs that the aliases stand for.
        prefix: What leads to the stubs, with a dot at its end.

    """
    return _lines(_tree(paths), prefix, root)


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
