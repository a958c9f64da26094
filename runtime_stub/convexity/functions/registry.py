"""Functions as the compiler hands them to the runtime (the generated ``functions.py``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from convexity.functions.registration import RegisteredFunction
from convexity.values import ObjectValidator, Validator

FunctionKind: TypeAlias = Literal["query", "mutation", "action"]
Visibility: TypeAlias = Literal["public", "internal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function as compiled, beside what the import of its module registered."""

    path: str
    """Wire path without extension: ``messages/access:h``."""
    registered: RegisteredFunction[Any, Any]
    kind: FunctionKind
    visibility: Visibility
    args: ObjectValidator
    returns: Validator
    runtime: Literal["server", "process"] = "server"
