"""Function handles: references as strings, which can be stored and passed between components.

A handle is ``function://<component>;<function>;<proof>``. The proof is a keyed hash with a secret
of the database, so that nobody who is not given a handle can name a function by one: a handle lets
other components, and whatever holds it, call even an internal function.
"""

from __future__ import annotations

import hmac
from contextvars import ContextVar
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, ParamSpec, TypeVar

from convexity.errors import ContextError, InvalidHandleError

if TYPE_CHECKING:
    from convexity.functions.invocation import Invocation
    from convexity.functions.references import FunctionReference

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

_SCHEME: Final = "function://"
_PROOF_LENGTH: Final = 16

current_invocation: ContextVar[Invocation | None] = ContextVar("convexity_invocation", default=None)
"""The running function; ``None`` outside of functions."""


class FunctionHandle(str, Generic[P, R_co]):
    """A reference as a string, which can be stored and passed between components.

    One that comes as an argument is a plain string: ``FunctionHandle(text)`` makes it callable.
    """

    __slots__ = ()


class Target(NamedTuple):
    """What a handle names."""

    component: str
    """Path of the component; empty for the application."""
    function: str
    """Wire path of the function."""


class HandleCodec:
    """Makes handles and reads them, with the secret of one database."""

    __slots__ = ("_key",)

    def __init__(self, secret: bytes) -> None:
        self._key: Final = blake2b(secret, digest_size=32, person=b"function-handle").digest()

    def encode(self, target: Target) -> str:
        """The handle of a function; always the same."""
        return f"{_SCHEME}{target.component};{target.function};{self._proof(target)}"

    def decode(self, handle: str) -> Target:
        """What a handle names.

        Raises:
            InvalidHandleError: :meth:`encode` did not make it for this database.
        """
        component, _, rest = handle.removeprefix(_SCHEME).partition(";")
        function, _, proof = rest.rpartition(";")
        target = Target(component, function)
        expected = self._proof(target)
        if not handle.startswith(_SCHEME) or not hmac.compare_digest(
            proof.encode(), expected.encode()
        ):
            raise InvalidHandleError(
                f"{handle[:200]!r} is not a function reference, nor a function handle of this "
                "deployment: create_function_handle() makes handles"
            )
        return target

    def _proof(self, target: Target) -> str:
        text = "\0".join(target).encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=_PROOF_LENGTH, key=self._key).hexdigest()


async def create_function_handle(ref: FunctionReference[P, R], /) -> FunctionHandle[P, R]:
    """Return the handle of a function, which names it for ever.

    Args:
        ref: a function of the running function's own component, public or internal, or a public
            one of a component that it uses.

    Raises:
        ContextError: no function of a backend is running.
        FunctionNotFoundError: there is no such function.
    """
    invocation = current_invocation.get()
    if invocation is None:
        raise ContextError(
            f"create_function_handle({ref!r}) was called outside of a query, mutation or action"
        )
    return FunctionHandle(await invocation.handle(ref))
