"""Deploys indexes to the database of a path and dies at a given document: ``notes_to_index PATH
NUMBER``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from convexity.values import v

from tests.database.by_hand import deployed, make_table

DOCUMENTS = 400
VALIDATOR = v.object(body=v.string(), n=v.number(), e=v.array(v.number()))
INDEXES: dict[str, Any] = {
    "search": {"search_body": ("body", ["n"])},
    "vectors": {"by_e": ("e", 2, [])},
}


async def main(path: Path, after: int) -> None:
    """Deploy with an index whose key is the end of the process."""
    table = make_table("notes", VALIDATOR, {"by_n": ["n"]}, **INDEXES)
    *others, by_n = table.indexes
    left = after

    def key(document: Mapping[str, Any]) -> bytes:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return by_n.key(document)

    async with deployed(path, replace(table, indexes=(*others, replace(by_n, key=key)))):
        pass


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
