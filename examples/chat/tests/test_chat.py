"""Tests of the chat: `pytest` in this folder runs them. The model is stood in for."""

import pytest
from convex._generated.api import api, internal
from convex._generated.data_model import Channels, Id, Users
from convex._generated.server import MutationCtx
from convexity.testing import ConvexityTest
from convexity.values import ConvexError


async def channel_and_user(t: ConvexityTest) -> tuple[Id[Channels], Id[Users]]:
    channel = await t.mutation(api.index.create_channel, name="general")
    return channel, await t.mutation(api.index.create_user, name="Ada")


def answer_with(t: ConvexityTest, answer: str) -> None:
    """Let ``answer`` be what the model says."""

    async def model(channelId: Id[Channels]) -> None:
        await t.mutation(internal.index.write_agent_response, channelId=channelId, content=answer)

    t.faults.replace(internal.index.generate_response, model)


async def test_a_message_is_answered(t: ConvexityTest) -> None:
    channel, ada = await channel_and_user(t)
    answer_with(t, "Hello, Ada!")
    await t.mutation(api.index.send_message, channelId=channel, authorId=ada, content="Hello")
    await t.finish_scheduled_functions()

    messages = await t.query(api.index.list_messages, channelId=channel)
    assert [message["content"] for message in messages] == ["Hello, Ada!", "Hello"]
    assert [message.get("authorId") for message in messages] == [None, ada]


async def test_the_model_learns_who_said_what(t: ConvexityTest) -> None:
    channel, ada = await channel_and_user(t)
    answer_with(t, "Hello, Ada!")
    await t.mutation(api.index.send_message, channelId=channel, authorId=ada, content="Hello")
    await t.finish_scheduled_functions()

    context = await t.query(internal.index.load_context, channelId=channel)
    assert context == [
        {"role": "user", "content": "Ada: Hello"},
        {"role": "assistant", "content": "Hello, Ada!"},
    ]


async def test_a_model_that_fails_leaves_the_question(t: ConvexityTest) -> None:
    channel, ada = await channel_and_user(t)
    t.faults.fail(internal.index.generate_response, TimeoutError("the model is busy"))
    await t.mutation(api.index.send_message, channelId=channel, authorId=ada, content="Hello")

    (ran,) = await t.finish_scheduled_functions()
    assert ran["state"]["kind"] == "failed"
    assert len(await t.query(api.index.list_messages, channelId=channel)) == 1


async def test_channels_and_users_must_exist(t: ConvexityTest[MutationCtx]) -> None:
    channel, ada = await channel_and_user(t)
    await t.run(lambda ctx: ctx.db.delete(channel))

    with pytest.raises(ConvexError, match="Channel not found"):
        await t.mutation(api.index.send_message, channelId=channel, authorId=ada, content="Hello")
