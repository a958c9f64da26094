"""JSON types of Convex values, for the OpenAPI document (wire-protocol 1.1, 1.5).

A request holds values in the encoded form. A result is in the format that the request names; these
types describe all formats.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

EncodedInt64 = TypedDict("EncodedInt64", {"$integer": str}, closed=True)
EncodedFloat = TypedDict("EncodedFloat", {"$float": str}, closed=True)
EncodedBytes = TypedDict("EncodedBytes", {"$bytes": str}, closed=True)

Number: TypeAlias = Annotated[
    float | EncodedFloat,
    Field(description="A number; NaN, the infinities and -0.0 are base64 of 8 bytes"),
]
NumberResult: TypeAlias = float | Literal["NaN", "Infinity", "-Infinity"] | EncodedFloat
Int64Result: TypeAlias = Annotated[
    str | int | EncodedInt64,
    Field(description="Decimal text in format json, a number in format export_json"),
]
BytesResult: TypeAlias = Annotated[
    str | EncodedBytes, Field(description="Base64 text in format json")
]

FormatName: TypeAlias = Literal["json", "convex_encoded_json", "export_json"]


class FunctionFailure(TypedDict):
    """The function failed; ``errorData`` is present if it raised ``ConvexError``."""

    status: Literal["error"]
    errorMessage: str
    errorData: NotRequired[Any]
    logLines: NotRequired[list[str]]


class RequestFailure(TypedDict):
    """The request could not be answered."""

    code: str
    message: str


_TYPED_DICT: Final[Any] = TypedDict
"""Makes types that exist only at run time."""


def function_request(name: str, args: Any) -> Any:
    """The type, called ``name``, of a call of a function that takes ``args``."""
    request = _TYPED_DICT(name, {"args": args, "format": NotRequired[FormatName]})
    request.__doc__ = "A call of a function."
    return request


def function_success(name: str, value: Any) -> Any:
    """The type, called ``name``, of the answer when a function returned a ``value``."""
    fields = {"status": Literal["success"], "value": value, "logLines": NotRequired[list[str]]}
    success = _TYPED_DICT(name, fields)
    success.__doc__ = "The function returned."
    return success
