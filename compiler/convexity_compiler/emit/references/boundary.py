"""The functions of a component as those who use it see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convexity.values import ObjectValidator

from convexity_compiler.link.boundary import opaque

if TYPE_CHECKING:
    from convexity_compiler.ir import ModuleIR


def public_part(module: ModuleIR) -> ModuleIR:
    """Return a module with the functions that users of the component may call, as they see them."""
    return replace(
        module,
        functions=tuple(
            replace(
                function,
                args=ObjectValidator(
                    {name: opaque(field) for name, field in function.args.fields.items()}
                ),
                returns=opaque(function.returns),
            )
            for function in module.functions
            if function.visibility == "public"
        ),
    )
