"""Function paths as clients write them (wire-protocol 2.5)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from convexity.errors import FunctionPathError

_COMPONENT: Final = re.compile(r"(?=[^A-Za-z0-9]*[A-Za-z0-9])[A-Za-z0-9_.]{1,64}", re.ASCII)
_MAX_LENGTH: Final = 1024
_EXPORT: Final = re.compile(r"(?!_+\Z)[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)


@lru_cache(maxsize=4096)
def parse_path(text: str) -> str:
    """Canonical path of a function, ``dir/module:name``.

    Raises:
        FunctionPathError: the text is no path.
    """
    module, separator, export = text.rpartition(":")
    if not separator:
        module, export = text, "default"
    *folders, file = module.split("/")
    stem, dot, extension = file.rpartition(".")
    if not dot:
        stem, extension = file, "js"
    parts = [*folders, stem]
    valid = len(text) <= _MAX_LENGTH and extension == "js"
    valid = valid and all(_COMPONENT.fullmatch(part) for part in parts)
    if valid and _EXPORT.fullmatch(export):
        return f"{'/'.join(parts)}:{export}"
    raise FunctionPathError(
        f"`{text[:_MAX_LENGTH]}` is not a valid path to a Convex function. "
        "Write `module:function`, or `folder/module:function` for a module in a folder."
    )
