"""Stand-in for a validator derived from a generated type whose fields are known to the stubs only.

``_generated/data_model.py`` does not grow with the project: at run time its TypedDicts are
placeholders marked ``__convexity_generated__ = True``. The compiler knows their fields and
evaluates ``v.object(MessagesDoc)`` in full; when the running backend imports the same module, it
gets an opaque validator, which the comparison of compiled and imported definitions treats as equal
to anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from convexity.values.validators import Fields, ObjectValidator


@dataclass(frozen=True, slots=True, repr=False, init=False, eq=False)
class OpaqueValidator(ObjectValidator):
    """An object whose fields are not known at run time.

    ``pick``, ``omit``, ``partial`` and ``extend`` give the opaque validator itself; whatever needs
    the fields raises ``TypeError`` and names the way out.

    Attributes:
        type_name: Name of the generated type.
    """

    type_name: str
    kind: ClassVar[str] = "opaque"

    def __init__(self, type_name: str) -> None:
        """Take the name of the generated type."""
        object.__setattr__(self, "type_name", type_name)

    def __getattr__(self, name: str) -> NoReturn:
        if name == "fields":
            raise TypeError(self._unknown("`.fields`"))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def pick(self, *_names: str) -> ObjectValidator:
        """Itself: the fields are not known."""
        return self

    def omit(self, *_names: str) -> ObjectValidator:
        """Itself: the fields are not known."""
        return self

    def partial(self) -> ObjectValidator:
        """Itself: the fields are not known."""
        return self

    def extend(self, _fields: Fields, /) -> ObjectValidator:
        """Itself: the fields are not known."""
        return self

    def validate(self, _value: object, /) -> Any:
        """Always an error.

        Raises:
            TypeError: the fields are not known.
        """
        raise TypeError(self._unknown("`.validate()`"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OpaqueValidator):
            return NotImplemented
        return self.type_name == other.type_name

    def __hash__(self) -> int:
        return hash((self.kind, self.type_name))

    def __reduce__(self) -> tuple[Any, ...]:
        return OpaqueValidator, (self.type_name,)

    def __repr__(self) -> str:
        return f"v.object({self.type_name})"

    def _unknown(self, what: str) -> str:
        return (
            f"{what} of v.object({self.type_name}): the fields of a generated type are known to "
            'type checkers only; start from the schema instead, for example schema.doc("messages")'
        )
