"""Values of Convex and their validators; importing it loads the standard library only."""

from convexity.values.constructors import v
from convexity.values.errors import ConvexError, ValidationError
from convexity.values.tables import Id, Table
from convexity.values.times import from_millis, to_millis
from convexity.values.validators import (
    ArrayValidator,
    Fields,
    IdValidator,
    LiteralValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
    Validator,
)
from convexity.values.value import UNSET, Int64, Unset, Value

__all__ = [
    "UNSET",
    "ArrayValidator",
    "ConvexError",
    "Fields",
    "Id",
    "IdValidator",
    "Int64",
    "LiteralValidator",
    "ObjectValidator",
    "OptionalValidator",
    "RecordValidator",
    "Table",
    "UnionValidator",
    "Unset",
    "ValidationError",
    "Validator",
    "Value",
    "from_millis",
    "to_millis",
    "v",
]
