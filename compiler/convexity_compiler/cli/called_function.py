"""What the project at hand says about the function that ``convexity run`` calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convexity_compiler.cli.errors import CommandError
from convexity_compiler.cli.int64_arguments import encode_integers

if TYPE_CHECKING:
    from convexity_compiler.config import Config
    from convexity_compiler.ir import FunctionIR


def find_function(config: Config, path: str, component: str = "") -> FunctionIR | None:
    """Return the function at a wire path; None without a project, or when it has none there.

    ``component`` is the path of the component that has it; empty for the application.

    The backend may be another version of the project, or another project: only it knows what it
    serves.
    """
    from convexity_compiler.pipeline import compile_project, load_project

    if not config.functions_path.is_dir():
        return None
    application = compile_project(load_project(config.root, config))
    owners = (application, *(mount.component for mount in application.mounted()))
    owner = next((entry for entry in owners if entry and entry.path == component), None)
    functions = () if owner is None else owner.functions
    return next((function for function in functions if function.path == path), None)


def check_visibility(spelling: str, function: FunctionIR) -> None:
    """Raise CommandError when a reference says ``api`` of an internal function, or the reverse."""
    root, dot, rest = spelling.partition(".")
    if not dot or root not in ("api", "internal"):
        return
    right = "api" if function.visibility == "public" else "internal"
    if root != right:
        raise CommandError(
            f"`{function.path}` is {function.visibility}", help_text=f"write `{right}.{rest}`"
        )


def encode_arguments(function: FunctionIR, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments with the integers for int64 as the backend reads them."""
    encoded: dict[str, Any] = encode_integers(function.args, arguments)
    return encoded
