"""Imports of one generated stub, collected while its annotations are printed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TypeAlias

from convexity_compiler.emit.layout import LINE_LENGTH, enclosed

_STANDARD_LIBRARY = ("builtins", "collections", "datetime", "pathlib", "typing")
_DIGITS = re.compile(r"(\d+)")
_NaturalKey: TypeAlias = list[str | tuple[int, str]]


class Imports:
    """Writes imported names, and remembers which are used.

    A name that something in the module shadows, or that was imported from elsewhere before, is
    written through its module: ``builtins.list`` beside a function called ``list``.
    """

    def __init__(self, shadowed: Collection[str] = ()) -> None:
        self._shadowed = shadowed
        self._names: dict[str, set[str]] = {}
        self._owners: dict[str, str] = {}
        self._modules: set[str] = set()
        self._builtins: set[str] = set()

    @property
    def used(self) -> set[str]:
        """Names imported or built in that are written without their module."""
        return self._builtins.union(*self._names.values())

    def builtin(self, name: str) -> str:
        """Return how a builtin is written."""
        if name in self._shadowed:
            return self._qualified("builtins", name)
        self._builtins.add(name)
        return name

    def name(self, module: str, name: str) -> str:
        """Return how ``name`` of ``module`` is written, and import it.

        Args:
            module: Absolute or relative module: ``typing``, ``..data_model``.
            name: Name in that module.

        """
        owner = self._owners.setdefault(name, module)
        if name in self._shadowed or owner != module:
            return self._qualified(module, name)
        self._names.setdefault(module, set()).add(name)
        return name

    def _qualified(self, module: str, name: str) -> str:
        self._modules.add(module)
        return f"{self._reference(module)}.{name}"

    def _reference(self, module: str) -> str:
        """Return how a module is written: its own name, or an alias where that is shadowed."""
        stem = module.lstrip(".")
        return "_" + stem.replace(".", "_") if stem.partition(".")[0] in self._shadowed else stem

    def text(self) -> str:
        """Return the import block in the order of isort; empty without imports."""
        whole: list[str] = []
        parts = {module: set(names) for module, names in self._names.items()}
        for module in self._modules:
            stem, reference = module.lstrip("."), self._reference(module)
            imported = stem if reference == stem else f"{stem} as {reference}"
            if stem == module:
                whole.append(imported)
            else:
                parts.setdefault(module.removesuffix(stem), set()).add(imported)
        blocks: list[list[str]] = [[], [], []]
        for imported in sorted(whole):
            blocks[_section(imported)].append(f"import {imported}")
        for module in sorted(parts, key=_module_order):
            blocks[_section(module)].append(_from_import(module, parts[module]))
        return "\n\n".join("\n".join(block) for block in blocks if block)


def exported_names(names: Iterable[str]) -> list[str]:
    """Sort the names of ``__all__`` as ruff does: constants, classes, the rest, each by case."""
    return sorted(names, key=lambda name: (_rank(name), _natural(name)))


def _from_import(module: str, names: set[str]) -> str:
    opening = f"from {module} import "
    ordered = sorted(names, key=_name_order)
    line = opening + ", ".join(ordered)
    if len(line) <= LINE_LENGTH:
        return line
    return enclosed(f"{opening}(", [f"{name}," for name in ordered], ")", 0)


def _section(module: str) -> int:
    if module.startswith("."):
        return 2
    return 0 if re.split(r"\W", module)[0] in _STANDARD_LIBRARY else 1


def _module_order(module: str) -> tuple[int, _NaturalKey, _NaturalKey]:
    """Relative modules that lie further up come first."""
    dots = len(module) - len(module.lstrip("."))
    return (-dots, _natural(module[dots:].lower()), _natural(module[dots:]))


def _name_order(name: str) -> tuple[int, _NaturalKey, _NaturalKey]:
    """Constants, classes, the rest, as isort has it."""
    return (_rank(name), _natural(name.lower()), _natural(name))


def _rank(name: str) -> int:
    if len(name) > 1 and name.isupper():
        return 0
    return 1 if name[:1].isupper() else 2


def _natural(text: str) -> _NaturalKey:
    """Key by which numbers compare by value, and those with leading zeros digit by digit."""
    parts: _NaturalKey = list(_DIGITS.split(text))
    for position in range(1, len(parts), 2):
        digits = str(parts[position])
        parts[position] = (0, digits) if digits.startswith("0") else (int(digits), "")
    return parts
