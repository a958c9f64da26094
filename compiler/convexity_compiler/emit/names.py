"""Names of generated types (``language.md`` section 3)."""

from __future__ import annotations

import keyword
import re
from functools import lru_cache

_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")


class GeneratedNameError(Exception):
    """Two things of a project would get the same generated name, or one that is taken.

    The text names both, and says what to rename.
    """


@lru_cache(maxsize=4096)
def pascal_case(*parts: str) -> str:
    """Join words into a class name, split where a character is neither letter nor digit.

    ``project_members`` gives ``ProjectMembers``, ``("messages/access", "load")`` gives
    ``MessagesAccessLoad``; capitals inside a word stay.
    """
    words = [word for part in parts for word in _SEPARATORS.split(part) if word]
    name = "".join(word[0].upper() + word[1:] for word in words)
    return f"_{name}" if name[:1].isdigit() else name


def python_parameter(argument: str) -> str:
    """Python parameter of a wire argument: ``from`` is ``from_``, other names stay."""
    return f"{argument}_" if keyword.iskeyword(argument) else argument


class NameTable:
    """The names of one generated module and what each stands for."""

    def __init__(self, module: str, reserved: dict[str, str]) -> None:
        """Start with names that are taken.

        Args:
            module: Generated module, for messages: ``_generated/data_model``.
            reserved: What each taken name stands for.

        """
        self._module = module
        self._meanings = dict(reserved)

    def claim(self, name: str, meaning: str) -> str:
        """Give ``name`` to ``meaning`` and return it.

        Raises:
            GeneratedNameError: the name stands for something else.

        """
        taken_by = self._meanings.setdefault(name, meaning)
        if taken_by != meaning:
            raise GeneratedNameError(
                f"the name `{name}` in {self._module} would stand for both {taken_by} and "
                f"{meaning}; rename one of them"
            )
        return name
