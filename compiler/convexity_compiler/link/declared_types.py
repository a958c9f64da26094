"""Names of the TypedDicts that codegen declares, found as it finds them (language.md section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ArrayValidator, ObjectValidator, RecordValidator
from convexity.values.validators import flatten, required

from convexity_compiler.link.pagination import is_pagination_options, paginated_item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convexity.values import Validator

    from convexity_compiler.type_names import Place


def objects_in(
    validator: Validator, place: Place, known: Mapping[ObjectValidator, str]
) -> Iterator[tuple[str, ObjectValidator]]:
    """Yield the name and shape of each object that has no name yet, those inside it after it.

    An object in ``known`` has the name given there; it is yielded under the name that it would
    have had, and what is inside it is not.
    """
    validator = required(validator)
    match validator:
        case ArrayValidator(element=element):
            yield from objects_in(element, place.item(), known)
        case RecordValidator(value=value):
            yield from objects_in(value, place.value(), known)
        case ObjectValidator():
            if is_pagination_options(validator):
                return
            item = paginated_item(validator)
            if item is not None:
                yield from objects_in(item, place.field("page").item(), known)
                return
            yield place.name, validator
            if validator not in known:
                yield from objects_inside(validator, place, known)
        case _ if validator.kind == "union":
            members = flatten(validator)
            if any(member.kind == "any" for member in members):
                return
            for member, member_place in zip(members, place.members(members), strict=True):
                yield from objects_in(member, member_place, known)
        case _:
            pass


def objects_inside(
    shape: ObjectValidator, place: Place, known: Mapping[ObjectValidator, str]
) -> Iterator[tuple[str, ObjectValidator]]:
    """Yield what ``objects_in`` yields for the fields of an object."""
    for name, field in shape.fields.items():
        yield from objects_in(field, place.field(name), known)
