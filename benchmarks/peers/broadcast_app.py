"""The chat with live lists, as one adds them by hand: a WebSocket per list, told after each send.

BENCHMARK_RERUN says what a send does. ``each``: it reads the list again for each socket, which
needs no thought about who sees what. ``once``: it reads the list once for all sockets of the
channel, which holds only as long as the list depends on nothing but the channel.
"""

from __future__ import annotations

import os
from collections import defaultdict

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import TypeAdapter

from benchmarks.peers.sqlalchemy_app import (
    MessageCreate,
    MessageRead,
    Session,
    lifespan,
    list_messages,
    seed,
    send_message,
    sessions,
)

RERUN_FOR_EACH = os.environ["BENCHMARK_RERUN"] == "each"
MESSAGES = TypeAdapter(list[MessageRead])
app = FastAPI(lifespan=lifespan)
app.post("/seed")(seed)
listeners: defaultdict[str, list[WebSocket]] = defaultdict(list)
reruns = 0


async def read_list(channel_id: str) -> str:
    """The list as JSON, read in a session of its own."""
    async with sessions() as session:
        found = await list_messages(channel_id, session)
    return MESSAGES.dump_json(MESSAGES.validate_python(found)).decode()


@app.websocket("/channels/{channel_id}/live")
async def live(socket: WebSocket, channel_id: str) -> None:
    """Send the list, now and whenever a message is sent to the channel."""
    await socket.accept()
    await socket.send_text(await read_list(channel_id))
    listeners[channel_id].append(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        listeners[channel_id].remove(socket)


@app.post("/messages")
async def send_and_tell(message: MessageCreate, session: Session) -> None:
    """Send a message to a channel, and the new list to those who watch it."""
    global reruns
    await send_message(message, session)
    text = ""
    for socket in list(listeners[message.channel_id]):
        if RERUN_FOR_EACH or not text:
            text = await read_list(message.channel_id)
            reruns += 1
        await socket.send_text(text)


@app.get("/reruns")
async def count_reruns() -> int:
    """How often a list was read because of a send."""
    return reruns
