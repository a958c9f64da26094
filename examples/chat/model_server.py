"""A small language model behind the OpenAI chat completions protocol, for demos and tests.

It keeps a conversation going the way the first chat programs did: it looks for a pattern in the
last user message, turns the speaker round ("I am" becomes "you are") and asks back. It needs no
key, no network and no download, and gives the same answer to the same conversation.

    python model_server.py [--port 11434]
"""

from __future__ import annotations

import argparse
import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

REFLECTIONS = {
    "am": "are",
    "i": "you",
    "i'm": "you are",
    "me": "you",
    "mine": "yours",
    "my": "your",
    "you": "I",
    "your": "my",
    "yours": "mine",
}

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), answer)
    for pattern, answer in (
        (r"\b(?:hello|hi|hey|good morning)\b", "Hello {name}! What shall we talk about?"),
        (r"\b(?:thanks|thank you)\b", "You are welcome, {name}."),
        (r"\b(?:bye|goodbye|see you)\b", "Goodbye, {name}. The conversation is kept."),
        (r"\bi (?:need|want) (.+)", "What would it change for you to get {rest}?"),
        (r"\bi(?:'m| am) (.+)", "How long have you been {rest}?"),
        (r"\bi (?:feel|think)(?: that)? (.+)", "What makes you feel that {rest}?"),
        (r"\bwhy (.+?)\?*$", "What do you think: why {rest}?"),
        (r"\b(?:what|who|where|when|how) (.+?)\?*$", "What would be a good answer for you?"),
        (r"\bcan you (.+?)\?*$", "I can try to {rest}. Where do we start?"),
        (r"\?\s*$", "I would rather hear your own answer first, {name}."),
    )
)
DEFAULT_ANSWER = "Tell me more about that, {name}."


class ChatMessage(BaseModel):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | None = None


class ChatCompletionRequest(BaseModel):
    """The part of a completion request that this model heeds."""

    model: str
    messages: list[ChatMessage]
    stream: bool = False


app = FastAPI(title="Local model server")


@app.exception_handler(RequestValidationError)
async def invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer a malformed request in the error format of the protocol."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return error_response(400, "invalid_request_error", f"{place}: {first['msg']}")


@app.get("/v1/models")
async def list_models() -> dict[str, Any]:
    """List the one model; every other name is taken for it too."""
    return {
        "object": "list",
        "data": [{"id": "local", "object": "model", "created": 0, "owned_by": "convexity"}],
    }


@app.post("/v1/chat/completions")
async def create_chat_completion(
    request: ChatCompletionRequest, authorization: Annotated[str | None, Header()] = None
) -> Response:
    """Answer the last user message, whole or as a stream of server-sent events."""
    if not (authorization or "").startswith("Bearer "):
        return error_response(401, "invalid_request_error", "You didn't provide an API key.")
    content = answer([message for message in request.messages if message.role == "user"])
    head = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "created": int(time.time()),
        "model": request.model,
    }
    if request.stream:
        return StreamingResponse(completion_events(head, content), media_type="text/event-stream")
    prompt_tokens = sum(len((message.content or "").split()) for message in request.messages)
    completion_tokens = len(content.split())
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content},
        "finish_reason": "stop",
    }
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
    return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "usage": usage})


def completion_events(head: dict[str, Any], content: str) -> Iterator[str]:
    """Yield a completion word by word in the streaming format of the protocol."""

    def event(delta: dict[str, str], finish_reason: str | None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        chunk = {**head, "object": "chat.completion.chunk", "choices": [choice]}
        return f"data: {json.dumps(chunk)}\n\n"

    yield event({"role": "assistant", "content": ""}, None)
    for word in re.findall(r"\S+\s*", content):
        yield event({"content": word}, None)
    yield event({}, "stop")
    yield "data: [DONE]\n\n"


def error_response(status: int, kind: str, message: str) -> JSONResponse:
    """Build an error in the format of the protocol."""
    error = {"message": message, "type": kind, "param": None, "code": None}
    return JSONResponse({"error": error}, status_code=status)


def answer(user_messages: list[ChatMessage]) -> str:
    """Answer the last of the given messages; ``Name: text`` tells who speaks."""
    text = (user_messages[-1].content if user_messages else "") or ""
    name, separator, said = text.partition(": ")
    if not separator:
        name, said = "friend", text
    for pattern, reply in PATTERNS:
        if match := pattern.search(said):
            rest = reflect(match.group(1)) if match.groups() else ""
            return reply.format(name=name, rest=rest)
    return DEFAULT_ANSWER.format(name=name)


def reflect(fragment: str) -> str:
    """Swap first and second person."""
    words = fragment.rstrip(" .!?").split()
    return " ".join(REFLECTIONS.get(word.lower(), word) for word in words)


def main() -> None:
    """Serve the model on a loopback port."""
    parser = argparse.ArgumentParser(description="A local model behind the OpenAI protocol.")
    parser.add_argument("--port", type=int, default=11434, help="TCP port (default 11434)")
    uvicorn.run(app, host="127.0.0.1", port=parser.parse_args().port, log_level="warning")


if __name__ == "__main__":
    main()
