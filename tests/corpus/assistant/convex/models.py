"""The language model, behind two functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai import AsyncOpenAI

from ._generated.server import env

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai.types.chat import ChatCompletionMessageParam as Message
else:
    Message = dict

_EMBEDDING_MODEL = "text-embedding-3-small"
_CHAT_MODEL = "gpt-4o-mini"


def _client() -> AsyncOpenAI:
    return AsyncOpenAI(api_key=env.OPENAI_API_KEY)


async def embed(texts: Sequence[str]) -> list[list[float]]:
    """Return the embedding of each text."""
    answer = await _client().embeddings.create(model=_EMBEDDING_MODEL, input=list(texts))
    return [entry.embedding for entry in answer.data]


async def complete(messages: list[Message]) -> tuple[str, int]:
    """Return what the model says, and how many tokens that took."""
    answer = await _client().chat.completions.create(model=_CHAT_MODEL, messages=messages)
    tokens = answer.usage.total_tokens if answer.usage else 0
    return answer.choices[0].message.content or "", tokens
