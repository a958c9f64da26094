"""``env``: the environment variables that a project declares."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final, TypeAlias

from convexity.errors import ConvexityError
from convexity.values import Fields, ValidationError, Validator
from convexity.values.validators import required

BUILT_IN_VARIABLES: Final = ("CONVEX_CLOUD_URL", "CONVEX_SITE_URL")
"""Addresses of the backend, which every project can read."""

Lookup: TypeAlias = Callable[[str], str | None]
"""Finds the value of a variable; ``None`` if it is not set."""

current_lookup: ContextVar[Lookup | None] = ContextVar("convexity_environment", default=None)
"""How the running function finds variables; ``None`` outside of functions, where only the
environment of the process is known."""


class EnvironmentVariableError(ConvexityError):
    """An environment variable is missing, not declared, or not what was declared."""


class Env:
    """Attribute access to declared variables, looked up at each use.

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
        text = (current_lookup.get() or os.environ.get)(name)
        problem = None
        if validator is not None:
            problem = variable_problem(name, text, validator)
        if problem is not None or (validator is None and text is None):
            raise EnvironmentVariableError(problem or not_set(name))
        return text


def variable_problem(name: str, text: str | None, validator: Validator) -> str | None:
    """What is wrong with the value of a declared variable; ``None`` if nothing is.

    The value itself is not named: it may be a secret, and the message reaches logs.

    Args:
        name: Name of the variable.
        text: Its value; ``None`` if it is not set.
        validator: As what it was declared.
    """
    if text is None:
        return None if validator.is_optional else not_set(name)
    try:
        required(validator).validate(text)
    except ValidationError:
        return (
            f"the value of the environment variable {name} is not as declared: it must match "
            f"{required(validator)!r}"
        )
    return None


def not_set(name: str) -> str:
    """The message that a required variable has no value."""
    return (
        f"the environment variable {name} is not set: set it with `convexity env set {name}`, or "
        "in the environment of the process that serves the backend; one of a component, with "
        "app.use(..., env=...)"
    )


def _undeclared(name: str, declared: Fields) -> str:
    known = ", ".join((*BUILT_IN_VARIABLES, *declared))
    return (
        f"the environment variable {name} is not declared: add it to define_app(env=...) in "
        f"convex_config.py; declared are {known}"
    )
