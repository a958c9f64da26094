"""Names that the functions folder of a backend may not have."""

from __future__ import annotations

import sys

RESERVED_PACKAGES = sys.stdlib_module_names | {
    "annotated_types",
    "anyio",
    "apsw",
    "click",
    "components",
    "convexity",
    "data",
    "dotenv",
    "fastapi",
    "functions",
    "h11",
    "httpcore",
    "httptools",
    "httpx",
    "idna",
    "main",
    "models",
    "obstore",
    "orjson",
    "pydantic",
    "pydantic_core",
    "starlette",
    "tables",
    "typing_extensions",
    "typing_inspection",
    "uvicorn",
    "uvloop",
    "watchfiles",
    "websockets",
}
"""The standard library, what the runtime imports, and what stands beside the folder."""
