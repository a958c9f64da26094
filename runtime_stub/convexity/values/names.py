"""Names in validators and schemas, and field names of stored values (``wire-protocol`` 1.4)."""

from __future__ import annotations

import re
from typing import Final

from convexity.values.limits import MAX_FIELD_NAME_LENGTH, MAX_IDENTIFIER_LENGTH

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRINTABLE_ASCII: Final = re.compile(r"[ -~]*")


def identifier_problem(name: str, /) -> str | None:
    """Why ``name`` cannot name a validator field, table or index; ``None`` when it can.

    The answer completes the sentence "the name ... ": for example "is longer than 64 characters".
    """
    if not name:
        return "is empty"
    if len(name) > MAX_IDENTIFIER_LENGTH:
        return f"is longer than {MAX_IDENTIFIER_LENGTH} characters"
    if name.startswith("$"):
        return "starts with '$', which is reserved"
    if not _IDENTIFIER.fullmatch(name):
        return "may hold only ASCII letters, digits and '_', and not start with a digit"
    if not name.strip("_"):
        return "consists of underscores only"
    return None


def field_name_problem(name: str, /) -> str | None:
    """Why ``name`` cannot be a key of an object value; ``None`` when it can.

    Values are freer than validators: any printable ASCII, also the empty string.
    """
    if len(name) > MAX_FIELD_NAME_LENGTH:
        return f"is longer than {MAX_FIELD_NAME_LENGTH} characters"
    if name.startswith("$"):
        return "starts with '$', which is reserved"
    if not _PRINTABLE_ASCII.fullmatch(name):
        return "may hold only printable ASCII characters"
    return None
