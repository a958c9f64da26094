"""Scheduled functions, cron jobs and failures, at the times of a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from convexity.errors import ConflictExhaustedError
from convexity.functions.references import ReferenceChain
from convexity.testing import ConvexityTest, SyncConvexityTest, convexity_test
from convexity.values import from_millis

api = internal = ReferenceChain()
DAY = timedelta(days=1)


async def borrowed(t: ConvexityTest) -> str:
    book = await t.mutation(api.books.add, title="Emma", copies=2)
    t.faults.replace(internal.loans.write_letter, lambda loan: f"Bring back {loan}")
    return await t.with_identity({"subject": "ada"}).mutation(api.loans.borrow, book=book)


async def reminders(t: ConvexityTest, loan: str) -> int:
    return int((await t.run(lambda ctx: ctx.db.get(loan)))["reminders"])


async def test_nothing_runs_by_itself(t: ConvexityTest) -> None:
    loan = await borrowed(t)
    assert await t.finish_in_progress_scheduled_functions() == []
    await t.clock.advance(13 * DAY)
    assert await reminders(t, loan) == 0


async def test_advancing_runs_what_falls_due_at_its_time(t: ConvexityTest) -> None:
    loan = await borrowed(t)
    await t.clock.advance(15 * DAY)
    assert await reminders(t, loan) == 1
    await t.clock.advance(30 * DAY)
    assert await reminders(t, loan) == 3
    noons = [from_millis(at) for at in await t.query(api.loans.days)]
    assert len(noons) == 45
    assert noons[:2] == [datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 2, 12, tzinfo=UTC)]


async def test_finishing_lets_time_pass_until_nothing_is_left(t: ConvexityTest) -> None:
    loan = await borrowed(t)
    start = t.clock.now()
    ran = await t.finish_scheduled_functions()
    assert [row["name"] for row in ran].count("loans.js:remind") == 3
    assert {row["state"]["kind"] for row in ran} == {"success"}
    assert await reminders(t, loan) == 3
    assert t.clock.now() == start + 28 * DAY


async def test_jumping_is_being_down(t: ConvexityTest) -> None:
    t.clock.jump(10 * DAY)
    ran = await t.finish_in_progress_scheduled_functions()
    assert [row["name"] for row in ran] == ["loans.js:note_day"], "one run makes up for all"


async def test_a_function_that_schedules_itself_for_ever_is_named(t: ConvexityTest) -> None:
    await t.mutation(internal.loans.again)
    with pytest.raises(RuntimeError, match=r"loans\.js:again.*never ends"):
        await t.finish_scheduled_functions(at_most=20)


async def test_a_clock_can_start_anywhere(library: Path) -> None:
    async with convexity_test(library, now=datetime(2030, 5, 1, 11, 59, tzinfo=UTC)) as t:
        await t.clock.advance(timedelta(minutes=1))
        noon = datetime(2030, 5, 1, 12, tzinfo=UTC)
        assert await t.query(api.loans.days) == [noon.timestamp() * 1000]


async def test_a_function_fails_as_often_as_asked(
    t: ConvexityTest, capsys: pytest.CaptureFixture[str]
) -> None:
    loan = await borrowed(t)
    t.faults.fail(internal.loans.write_letter, TimeoutError("the model is busy"))
    (failed,) = [row for row in await t.finish_scheduled_functions() if "remind" in row["name"]]
    assert failed["state"] == {
        "kind": "failed",
        "error": "Uncaught TimeoutError: the model is busy",
    }
    assert "the model is busy" in capsys.readouterr().err
    await t.action(internal.loans.remind, loan=loan)
    assert await reminders(t, loan) == 1


async def test_an_answer_is_lost_after_the_work_is_done(t: ConvexityTest) -> None:
    loan = await borrowed(t)
    t.faults.fail(internal.loans.remind, ConnectionError, after=True)
    with pytest.raises(ConnectionError):
        await t.action(internal.loans.remind, loan=loan)
    assert await reminders(t, loan) == 1
    t.faults.fail(internal.loans.reminded, ConnectionError, after=True)
    with pytest.raises(ConnectionError):
        await t.action(internal.loans.remind, loan=loan)
    assert await reminders(t, loan) == 1, "a mutation is undone"


async def test_conflicts_are_retried_until_they_are_too_many(t: ConvexityTest) -> None:
    t.faults.conflict(api.books.add, times=4)
    await t.mutation(api.books.add, title="Emma", copies=1)
    assert t.log_lines == ["[LOG] 'added' 'Emma'"], "only the last attempt counts"
    t.faults.conflict(times=5)
    with pytest.raises(ConflictExhaustedError):
        await t.mutation(api.books.add, title="Persuasion", copies=1)
    assert [book["title"] for book in await t.query(api.books.newest)] == ["Emma"]


def test_time_without_await(sync_t: SyncConvexityTest) -> None:
    sync_t.advance(DAY)
    assert len(sync_t.query(api.loans.days)) == 1
    sync_t.jump(9 * DAY)
    sync_t.finish_in_progress_scheduled_functions()
    assert len(sync_t.query(api.loans.days)) == 2
    assert sync_t.now() == datetime(2026, 1, 11, tzinfo=UTC)
