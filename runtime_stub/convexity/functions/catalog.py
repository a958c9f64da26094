"""The functions of a component with their compiled validators, by path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity.errors import FunctionKindError, FunctionNotFoundError
from convexity.functions.arguments import null_is_absent
from convexity.functions.names import canonical_path, display_path, public_path
from convexity.functions.registry import Function, FunctionKind
from convexity.values.compiled import CompiledValidator, compile_validator

if TYPE_CHECKING:
    from convexity.functions.components import Component


@dataclass(frozen=True, slots=True)
class CompiledFunction:
    """A function that is ready to be called."""

    function: Function
    component: Component
    args: CompiledValidator
    returns: CompiledValidator
    null_is_absent: frozenset[str]
    """Optional arguments for which callers may pass ``None`` instead of leaving them out."""

    @property
    def qualified_path(self) -> str:
        """The path among all functions of a deployment: ``messages:send``, ``counter;lib:add``."""
        path, component = self.function.path, self.component.path
        return f"{component};{path}" if component else path


class Catalog:
    """Looks functions up; validators are compiled when a function is first used."""

    def __init__(
        self,
        functions: Iterable[Function],
        component: Component,
        table_numbers: Mapping[str, int],
    ) -> None:
        self._component = component
        self._functions = {canonical_path(function.path): function for function in functions}
        self._table_numbers = table_numbers
        self._compiled: dict[str, CompiledFunction] = {}

    @property
    def functions(self) -> Mapping[str, Function]:
        """All functions by canonical path."""
        return self._functions

    def find(
        self, path: str, *, kind: FunctionKind | None, allow_internal: bool
    ) -> CompiledFunction:
        """The function at ``path``.

        Args:
            path: wire path, with or without ``.js``.
            kind: the kind the caller expects; ``None`` takes any.
            allow_internal: whether internal functions may be found.

        Raises:
            FunctionNotFoundError: there is none, or it is internal (wire-protocol 2.2).
            FunctionKindError: it is of another kind.
        """
        compiled = self._compiled.get(path)
        if compiled is None:
            canonical = canonical_path(path)
            function = self._functions.get(canonical)
            if function is None:
                raise FunctionNotFoundError(_not_found(path, allow_internal))
            compiled = self._compiled.get(canonical) or self._compile(function)
            self._compiled[canonical] = compiled
        function = compiled.function
        if function.visibility == "internal" and not allow_internal:
            raise FunctionNotFoundError(_not_found(path, allow_internal))
        if kind is not None and function.kind != kind:
            raise FunctionKindError(
                f"Trying to execute {display_path(path)} as {kind.capitalize()}, "
                f"but it is defined as {function.kind.capitalize()}."
            )
        return compiled

    def _compile(self, function: Function) -> CompiledFunction:
        return CompiledFunction(
            function=function,
            component=self._component,
            args=compile_validator(function.args, self._table_numbers),
            returns=compile_validator(function.returns, self._table_numbers),
            null_is_absent=null_is_absent(function.args),
        )


def _not_found(path: str, allow_internal: bool) -> str:
    which = "function" if allow_internal else "public function"
    return f"Could not find {which} for '{public_path(path)}'."
