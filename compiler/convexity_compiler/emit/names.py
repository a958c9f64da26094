"""Names of generated types (``language.md`` section 3)."""

from __future__ import annotations

import keyword


class GeneratedNameError(Exception):
    """Two things of a project would get the same generated name, or one that is taken.

    The text names both, and says what to rename.
    """


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
