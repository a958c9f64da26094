"""JSON types of Convex values, for the OpenAPI document (wire-protocol 1.1, 1.5).

A request holds values in the encoded form. A result is in the format that the request names; these
types describe all formats.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, NotRequired, TypeAlias, TypeVar

from pydantic import Field
from typing_extensions import TypedDict

A = TypeVar("A")
R = TypeVar("R")

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


class FunctionRequest(TypedDict, Generic[A]):
    """A call of a function."""

    args: A
    format: NotRequired[FormatName]


class FunctionSuccess(TypedDict, Generic[R]):
    """The function returned."""

    status: Literal["success"]
    value: R
    logLines: NotRequired[list[str]]


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
