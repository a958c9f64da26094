"""The group of commands; each command is imported only when it is asked for."""

from __future__ import annotations

import importlib
from typing import Any

import click

from convexity_compiler.cli.errors import guard

COMMANDS = {
    "init": "Create a project to start from.",
    "check": "Find what is wrong, and fix what can be fixed.",
    "fix": "Fix what can be fixed safely: check --fix.",
    "codegen": "Write the references and types of the project.",
    "watch": "Check and generate at every change.",
    "build": "Compile the project into a backend.",
    "dev": "Check, generate, build and serve at every change.",
    "run": "Call a function of a running backend.",
    "data": "Show, export, import and delete documents of a running backend.",
    "env": "Show and set the environment variables of a running backend.",
    "logs": "Show what a running backend executes.",
    "migrate": "Move the data of a backend from SQLite to PostgreSQL.",
    "ir": "Print what the project means, as JSON.",
    "explain": "Explain a rule.",
    "rules": "List the rules.",
    "baseline": "Keep the findings of today, so that only new ones count.",
    "config": "Show or validate the settings.",
    "clean": "Remove the cache.",
    "lsp": "Serve an editor: diagnostics, fixes, hover, completion.",
}
"""What each command does, in the order of the help; a command is ``cli/<name>.py``."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands in the order of daily use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"convexity_compiler.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name; fails with the nearest name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from convexity_compiler.config import did_you_mean

            ctx.fail(f"No such command '{name}'{did_you_mean(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it raises becomes a message and an exit code."""
        with guard():
            return super().invoke(ctx)


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from convexity.version import VERSION

        click.echo(f"convexity {VERSION}")
        ctx.exit()


@click.group(
    name="convexity",
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Write a Convex-style backend in Python: check it, type it, build it, run it."""
