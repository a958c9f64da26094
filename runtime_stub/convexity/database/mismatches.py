"""The documents that refuse a new schema: counted in the message, listed in a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from convexity.errors import SchemaMismatchError
from convexity.values import ValidationError

MAX_GROUPS: Final = 20
"""Kinds of mismatch that the message describes."""
MAX_EXAMPLES: Final = 3
"""Documents of each kind that the message names."""

_POSITION: Final = re.compile(r"\[\d+\]")
_QUOTED: Final = re.compile(r'"[^"]*"')
_REMEDY: Final = (
    "Change the documents with the schema deployed before, or accept them in the schema "
    "(v.optional for a new field, v.union for a changed one)."
)


class _Kind(NamedTuple):
    """What mismatches have in common that one change repairs."""

    table: str
    path: str
    reason: str

    @property
    def text(self) -> str:
        """Where it is and what it is."""
        return f"of `{self.table}`{f' at {self.path}' if self.path else ''}: {self.reason}"


class Mismatches:
    """The documents that do not match, by table, path and reason."""

    def __init__(self) -> None:
        self._documents: dict[_Kind, list[str]] = {}

    def add(self, table: str, document_id: str, error: ValidationError) -> None:
        """Note one more.

        Args:
            table: Its table.
            document_id: Its id.
            error: What is wrong with it first.
        """
        kind = _Kind(table, _POSITION.sub("[]", error.path), _reason(error))
        self._documents.setdefault(kind, []).append(document_id)

    def refuse(self, report: Path) -> None:
        """Refuse the schema if there is any.

        Args:
            report: File that is to list all of them.

        Raises:
            SchemaMismatchError: with what is wrong and where the list is.
        """
        if not self._documents:
            return
        documents = [name for names in self._documents.values() for name in names]
        verb = "does" if len(documents) == 1 else "do"
        lines = [
            f"{_counted(len(documents), 'existing document')} {verb} not match the new schema, "
            "so nothing was changed:"
        ]
        for kind, names in list(self._documents.items())[:MAX_GROUPS]:
            examples = ", ".join(names[:MAX_EXAMPLES])
            lines.append(f"  {_counted(len(names), 'document')} {kind.text} For example {examples}")
        further = len(self._documents) - MAX_GROUPS
        if further > 0:
            lines.append(f"  ... and {_counted(further, 'further kind')} of mismatch")
        self._write(report)
        lines += [f"All of them are listed in {report}.", _REMEDY]
        raise SchemaMismatchError("\n".join(lines), documents=documents)

    def _write(self, report: Path) -> None:
        draft = report.with_name(f"{report.name}.new")
        with draft.open("w", encoding="utf-8", errors="replace") as file:
            for kind, names in self._documents.items():
                file.writelines(f"{name} {kind.text}\n" for name in names)
        draft.replace(report)


def _reason(error: ValidationError) -> str:
    """What is wrong, without what differs between documents, and what was expected."""
    headline, *_, validator = str(error).splitlines()
    reason = _QUOTED.sub('"…"', headline)
    return f"{reason} {validator}." if error.path else reason


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
