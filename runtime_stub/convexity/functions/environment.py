"""``env``: the environment variables that a project declares."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from convexity.errors import ConvexityError
from convexity.values import Fields, ValidationError, Validator
from convexity.values.validators import required

BUILT_IN_VARIABLES: Final = ("CONVEX_CLOUD_URL", "CONVEX_SITE_URL")
"""Addresses of the backend, which every project can read."""

current_reads: ContextVar[set[str] | None] = ContextVar("convexity_environment", default=None)
"""Names that the running function read; ``None`` outside of functions."""

current_values: ContextVar[Mapping[str, str] | None] = ContextVar(
    "convexity_environment_values", default=None
)
"""Values of the variables of the component whose function is running; ``None`` for the application
and outside of functions, where they are those of the process."""


class EnvironmentVariableError(ConvexityError):
    """An environment variable is missing, not declared, or not what was declared."""


class Env:
    """Attribute access to declared variables, read from the process environment at each use.

    A query that reads a variable depends on it, which reading ``os.environ`` would not record.
    """

    __slots__ = ("__declared", "__find")

    def __init__(self, find: Callable[[], Fields]) -> None:
        """Take what finds the validators of the declared variables; it is asked once."""
        self.__find = find
        self.__declared: Fields | None = None

    def __getattr__(self, name: str) -> Any:
        """Value of a variable; ``None`` for an optional one that is not set.

        Raises:
            EnvironmentVariableError: the variable is required and not set, or set to a value that
                its validator refuses.
            AttributeError: the variable is not declared.
        """
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        declared = self.__declared
        if declared is None:
            declared = self.__declared = self.__find()
        validator = declared.get(name)
        if validator is None and name not in BUILT_IN_VARIABLES:
            raise AttributeError(_undeclared(name, declared))
        values = current_values.get()
        text = _process_value(name) if values is None or validator is None else values.get(name)
        if text is not None:
            return text if validator is None else _checked(name, text, validator)
        if validator is not None and validator.is_optional:
            return None
        where = "where the backend is started" if values is None else "with app.use(..., env=...)"
        raise EnvironmentVariableError(
            f"the environment variable {name} is not set: set it {where}"
        )


def _process_value(name: str) -> str | None:
    reads = current_reads.get()
    if reads is not None:
        reads.add(name)
    return os.environ.get(name)


def _checked(name: str, text: str, validator: Validator) -> Any:
    try:
        return required(validator).validate(text)
    except ValidationError as error:
        raise EnvironmentVariableError(
            f"the environment variable {name} is {text!r}, which is not as declared: {error}"
        ) from None


def _undeclared(name: str, declared: Fields) -> str:
    known = ", ".join((*BUILT_IN_VARIABLES, *declared))
    return (
        f"the environment variable {name} is not declared: add it to define_app(env=...) in "
        f"convex_config.py; declared are {known}"
    )
