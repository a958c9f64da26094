"""``convexity fix``: another name of ``convexity check --fix``."""

from __future__ import annotations

from functools import partial

import click

from convexity_compiler.cli.check import command as check

_CHECK = check.callback
assert _CHECK is not None

command = click.Command(
    "fix",
    params=[parameter for parameter in check.params if parameter.name != "fix"],
    callback=partial(_CHECK, fix=True),
    help="""Fix what can be fixed safely, and report what is left.

    The same as `convexity check --fix`. With --unsafe-fixes, also applies fixes that may change
    what the code means; with --diff, prints what would change, and changes nothing.
    """,
)
