"""The chat endpoints as one writes them by hand: FastAPI, SQLAlchemy async, aiosqlite or asyncpg.

Set up as its documentation advises and as durable as convexity: WAL and ``synchronous=FULL`` with
SQLite, an index that serves the list, response models, one session per request.
BENCHMARK_DATABASE is the URL of the database, with the driver in its scheme.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, Index, event, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ["BENCHMARK_DATABASE"])
sessions = async_sessionmaker(engine, expire_on_commit=False)


def configure(connection: Any, _record: object) -> None:
    """Make commits durable and let readers run beside the writer."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 60000")
    cursor.close()


if engine.dialect.name == "sqlite":
    event.listen(engine.sync_engine, "connect", configure)


class Base(DeclarativeBase):
    """Base of the tables."""


def new_id() -> str:
    """Return a random primary key."""
    return uuid.uuid4().hex


class Channel(Base):
    """A channel."""

    __tablename__ = "channels"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]


class User(Base):
    """A user."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]


class Message(Base):
    """A message of a channel."""

    __tablename__ = "messages"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    created: Mapped[float] = mapped_column(default=lambda: time.time() * 1000)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    content: Mapped[str]
    __table_args__ = (Index("messages_by_channel", "channel_id", "created"),)


class MessageRead(BaseModel):
    """A message as the API shows it."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    created: float
    channel_id: str
    author_id: str | None
    content: str


class MessageCreate(BaseModel):
    """A message to send."""

    channel_id: str
    author_id: str
    content: str


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables on start."""
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # Of several processes, one creates them.
            await connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


async def session() -> AsyncIterator[AsyncSession]:
    """One session per request."""
    async with sessions() as current:
        yield current


Session = Annotated[AsyncSession, Depends(session)]
app = FastAPI(lifespan=lifespan)


@app.get("/channels/{channel_id}/messages", response_model=list[MessageRead])
async def list_messages(channel_id: str, session: Session) -> Any:
    """The 10 most recent messages of a channel, newest first."""
    statement = (
        select(Message)
        .where(Message.channel_id == channel_id)
        .order_by(Message.created.desc())
        .limit(10)
    )
    return (await session.scalars(statement)).all()


@app.post("/messages")
async def send_message(message: MessageCreate, session: Session) -> None:
    """Send a message to a channel."""
    if await session.get(Channel, message.channel_id) is None:
        raise HTTPException(404, "Channel not found")
    if await session.get(User, message.author_id) is None:
        raise HTTPException(404, "User not found")
    session.add(Message(**message.model_dump()))
    await session.commit()


class Seeded(BaseModel):
    """What the seed created."""

    channels: list[str]
    user: str


@app.post("/seed")
async def seed(session: Session, channels: int, messages: int) -> Seeded:
    """Fill the tables: ``messages`` messages in each of ``channels`` channels."""
    user = User(name="Ada")
    rooms = [Channel(name=f"channel {number}") for number in range(channels)]
    session.add_all([user, *rooms])
    await session.flush()
    for number in range(messages):
        session.add_all(
            Message(channel_id=room.id, author_id=user.id, content=f"message {number}")
            for room in rooms
        )
        await session.flush()
    await session.commit()
    return Seeded(channels=[room.id for room in rooms], user=user.id)
