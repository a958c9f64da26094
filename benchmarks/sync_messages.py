"""What a client of the sync protocol sends at first, and how it knows that it was told data."""

from __future__ import annotations

import json
import uuid
from typing import Final

SYNC: Final = "/api/1.48.0/sync"
TELLS_OF_DATA: Final = '"type":"QueryUpdated"'
"""In each transition that brings a result."""


def greeting(channels: list[str]) -> list[str]:
    """Messages that connect and subscribe to the lists of some channels."""
    added = [
        {"type": "Add", "queryId": number, "udfPath": "messages:list_messages", "args": [args]}
        for number, args in enumerate({"channelId": channel} for channel in channels)
    ]
    messages: list[dict[str, object]] = [
        {
            "type": "Connect",
            "sessionId": str(uuid.uuid4()),
            "connectionCount": 0,
            "lastCloseReason": "InitialConnect",
            "clientTs": 0,
        },
        {"type": "ModifyQuerySet", "baseVersion": 0, "newVersion": 1, "modifications": added},
    ]
    return [json.dumps(message) for message in messages]
