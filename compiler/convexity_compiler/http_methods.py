"""Methods that routes answer."""

from __future__ import annotations

from typing import Literal, TypeAlias

HttpMethod: TypeAlias = Literal["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
