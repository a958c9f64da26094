"""Reading and replacing source files so that what is not edited stays as it is, to the byte."""

from __future__ import annotations

import os
import tempfile
import tokenize
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from convexity_compiler.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A source file as text, with all that it takes to write it back."""

    path: Path
    """The file itself, links followed."""
    encoding: str
    mark: str
    """The byte order mark, or nothing; it counts in no position."""
    text: str
    """Decoded, with the line ends of the file."""
    content: bytes
    """What was read."""

    def with_text(self, text: str) -> SourceFile:
        """Return the file with another text."""
        return replace(self, text=text)

    def encoded(self) -> bytes:
        """Return the bytes of the text.

        Raises CommandError for characters that the encoding of the file does not have.
        """
        try:
            return (self.mark + self.text).encode(self.encoding)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise CommandError(
                f"{self.path}: its encoding {self.encoding} has no {character!r}",
                help_text="save the file as UTF-8",
            ) from None


def read_source(path: Path) -> SourceFile:
    """Read a file by its byte order mark or encoding cookie, as Python does.

    Raises CommandError when it cannot be read.
    """
    try:
        content = path.read_bytes()
        with path.open("rb") as file:
            encoding = tokenize.detect_encoding(file.readline)[0].removesuffix("-sig")
        decoded = content.decode(encoding)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None
    text = decoded.removeprefix(_BYTE_ORDER_MARK)
    mark = decoded[: len(decoded) - len(text)]
    return SourceFile(path.resolve(), encoding, mark, text, content)


def replace_all(files: Iterable[SourceFile]) -> None:
    """Write files, all or none: each to a temporary file beside it, which then takes its name.

    Modes are kept. With the files as they were, raises OSError when one cannot be written,
    CommandError when one has changed since it was read, and what interrupts it.
    """
    written: list[tuple[SourceFile, Path]] = []
    try:
        for file in files:
            temporary = _beside(file.path, file.encoded())
            written.append((file, temporary))
        for file, _ in written:
            if file.path.read_bytes() != file.content:
                raise CommandError(
                    f"{file.path} was changed while it was being fixed", help_text="run it again"
                )
        for file, temporary in written:
            os.replace(temporary, file.path)
    except BaseException:
        # An interrupt may come before a list could tell that a file has been replaced.
        for file in (file for file, temporary in written if not temporary.exists()):
            os.replace(_beside(file.path, file.content), file.path)
        raise
    finally:
        for _, temporary in written:
            temporary.unlink(missing_ok=True)


def _beside(path: Path, content: bytes) -> Path:
    """Write a temporary file with the mode of ``path`` in its folder."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            temporary.chmod(path.stat().st_mode)
        except BaseException:
            temporary.unlink()
            raise
    return temporary
