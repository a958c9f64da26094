"""Where findings go, and in which form."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO, TypeAlias, get_args

import click

from convexity_compiler.diagnostics.formats import OUTPUT_FORMATS, render
from convexity_compiler.diagnostics.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from convexity_compiler.diagnostics.formats import OutputFormat
    from convexity_compiler.diagnostics.model import Diagnostic

Color: TypeAlias = Literal["auto", "always", "never"]
COLORS: tuple[Color, ...] = get_args(Color)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Form and destination of findings."""

    format: OutputFormat = "full"
    file: Path | None = None
    """Instead of stdout."""
    color: Color = "auto"
    to_stderr: bool = False
    """Where stdout belongs to something else."""

    def write_findings(
        self, findings: Sequence[Diagnostic], root: Path, texts: Mapping[str, str] | None = None
    ) -> None:
        """Print findings; ``texts`` stand for files by their paths. Raises OSError."""
        color = self.colors(sys.stderr if self.to_stderr else sys.stdout)
        self.write(render(findings, Sources(root, texts), self.format, color=color))

    def write(self, text: str) -> None:
        r"""Print a text to stdout, or replace the file by it. Raises OSError.

        Surrogates, which no file can hold, become escapes such as ``\udcff``; JSON has the same.
        """
        text = text.encode(errors="backslashreplace").decode()
        if self.file is None:
            click.echo(text, nl=False, color=True, err=self.to_stderr)
        else:
            from convexity_compiler.files import replace_file

            replace_file(self.file, text)

    def colors(self, stream: TextIO) -> bool:
        """Whether to colour what goes to ``stream``, or to the file instead."""
        if self.color == "auto":
            return self.file is None and wants_color(stream)
        return self.color == "always"


def wants_color(stream: TextIO) -> bool:
    """Whether to colour: on a terminal, unless ``NO_COLOR`` is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make an ``Output``."""
    options = (
        click.option(
            "--output-format",
            type=click.Choice(OUTPUT_FORMATS),
            default="full",
            show_default=True,
            help="How findings are printed.",
        ),
        click.option(
            "--output-file",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write the findings into this file instead of to stdout.",
        ),
        click.option(
            "--color",
            type=click.Choice(COLORS),
            default="auto",
            show_default=True,
            help="When to colour; auto is on a terminal, unless NO_COLOR is set.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
