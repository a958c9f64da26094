"""``convexity lsp``: the language server for editors."""

from __future__ import annotations

import click

from convexity_compiler.cli.errors import CommandError


@click.command("lsp")
@click.option(
    "--stdio", is_flag=True, help="Speak over standard input and output, as is always done."
)
def command(stdio: bool) -> None:  # noqa: ARG001 - editors pass it by habit
    """Serve an editor over standard input and output.

    Editors start this themselves: the guide "Editors" says how to tell them.
    """
    try:
        from convexity_compiler.lsp.server import serve
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("pygls", "lsprotocol"):
            raise
        raise CommandError(
            f"the language server needs the package `{package}`, which is not installed",
            help_text='run `pip install "/path/to/convexity[lsp]"`, with the path of a checkout',
        ) from None
    serve()
