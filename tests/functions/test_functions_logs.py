"""Log lines of functions."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from convexity.functions.logs import LogBuffer, LogCapture, quote
from convexity.functions.registration import action, mutation, query
from convexity.values import v
from convexity.values.validators import integral_number
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.harness import api, deployed


class Functions:
    @query(args={}, returns=v.null())
    async def talk(ctx: Any) -> None:
        print("text", 1.5, None, {"a": [True]})
        print("to stderr", file=sys.stderr)
        logging.getLogger(__name__).info("info %s", 1)
        logging.getLogger("app").warning("warning")
        logging.getLogger("app").error("error")

    @query(args={}, returns=v.null())
    async def use_a_chatty_library(ctx: Any) -> None:
        logging.getLogger("httpx").info("HTTP Request: POST http://secret.example")
        chatty = logging.getLogger("chatty")
        chatty.setLevel(logging.DEBUG)
        chatty.info("GET http://secret.example")

    @query(args={}, returns=v.null())
    async def separate(ctx: Any) -> None:
        print("a", 1, "b", sep="")
        print("a", "b", sep=", ")
        print("a", "b", sep=None)

    @query(args={"lines": integral_number()}, returns=v.null())
    async def chatter(ctx: Any, lines: int) -> None:
        for line in range(lines):
            print(line)

    @query(args={}, returns=v.null())
    async def shout(ctx: Any) -> None:
        print("é" * 40_000)

    @query(args={}, returns=v.null())
    async def fail(ctx: Any) -> None:
        print("before")
        raise ValueError

    @mutation(args={}, returns=v.null())
    async def inner(ctx: Any) -> None:
        print("inner")

    @action(args={}, returns=v.null())
    async def outer(ctx: Any) -> None:
        print("outer")
        await ctx.run_mutation(api.m.inner)
        await asyncio.create_task(in_a_task())

    @mutation(args={"text": v.string()}, returns=v.null())
    async def say(ctx: Any, text: str) -> None:
        print(text)

    @mutation(args={}, returns=v.null())
    async def says_slowly(ctx: Any) -> None:
        print("run")
        await asyncio.sleep(0.1)

    @action(args={}, returns=v.null())
    async def says_much(ctx: Any) -> None:
        print("before")
        await asyncio.gather(*(ctx.run_mutation(api.m.say, text=str(n)) for n in range(4)))


async def in_a_task() -> None:
    print("task")


async def test_levels_and_quoting(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        assert (await deployment.run("m:talk")).log_lines == (
            "[LOG] 'text' 1.5 None {'a': [True]}",
            "[ERROR] 'to stderr'",
            "[INFO] 'info 1'",
            "[WARN] 'warning'",
            "[ERROR] 'error'",
        )


async def test_what_libraries_log_for_information_stays_on_the_server(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        assert (await deployment.run("m:use_a_chatty_library")).log_lines == ()


async def test_a_separator_makes_one_text(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        assert (await deployment.run("m:separate")).log_lines == (
            "[LOG] 'a1b'",
            "[LOG] 'a, b'",
            "[LOG] 'a' 'b'",
        )


def test_capture_is_undone() -> None:
    def state() -> tuple[object, ...]:
        own = logging.getLogger("own_package")
        return print, tuple(logging.root.handlers), logging.root.level, own.level

    before = state()
    first, second = LogCapture({"own_package"}), LogCapture({"own_package", "other"})
    first.start()
    started = state()
    assert started != before
    second.start()
    first.stop()
    assert state() == started
    second.stop()
    assert state() == before


async def test_nested_functions_and_tasks_log_to_the_same_call(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m:outer")
        assert result.log_lines == ("[LOG] 'outer'", "[LOG] 'inner'", "[LOG] 'task'")


async def test_concurrent_mutations_of_an_action_keep_all_their_lines(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        first, *others = (await deployment.run("m:says_much")).log_lines
        assert first == "[LOG] 'before'"
        assert sorted(others) == [f"[LOG] '{n}'" for n in range(4)]


async def test_concurrent_calls_keep_their_lines_apart(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        results = await asyncio.gather(*(deployment.run("m:chatter", lines=n) for n in range(5)))
        assert [len(result.log_lines) for result in results] == [0, 1, 2, 3, 4]


async def test_a_slow_mutation_in_a_group_logs_once(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        quick, slow = await asyncio.gather(
            deployment.run("m:say", text="quick"), deployment.run("m:says_slowly")
        )
        assert quick.log_lines == ("[LOG] 'quick'",)
        assert slow.log_lines == ("[LOG] 'run'",)


async def test_a_failed_call_keeps_its_lines(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        assert (await deployment.run("m:fail")).log_lines == ("[LOG] 'before'",)


async def test_too_many_lines_are_cut(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        lines = (await deployment.run("m:chatter", lines=1000)).log_lines
        assert len(lines) == 256
        assert lines[254] == "[LOG] 254"
        assert lines[255] == ("[ERROR] Log overflow (maximum 256). Remaining log lines omitted.")


async def test_long_lines_are_cut(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        (line,) = (await deployment.run("m:shout")).log_lines
        assert line.endswith("é (truncated due to length)")
        assert len(line.encode()) <= 32_768


def test_print_outside_of_functions_prints(capsys: pytest.CaptureFixture[str]) -> None:
    print("plain", "text", sep="-")
    assert capsys.readouterr().out == "plain-text\n"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a", "'a'"),
        ("it's", '"it\'s"'),
        ('it\'s "so"', '`it\'s "so"`'),
        ("'\"`", "'\\'\"`'"),
        ("line\nbreak\\", "'line\\nbreak\\\\'"),
        ("\x01", "'\\x01'"),
    ],
)
def test_strings_are_quoted_as_in_javascript(text: str, quoted: str) -> None:
    assert quote(text) == quoted


@given(st.text(), st.lists(st.text()))
def test_a_log_line_is_one_line(first: str, rest: list[str]) -> None:
    buffer = LogBuffer()
    buffer.add("LOG", (first, *rest))
    assert "\n" not in buffer.lines[0]
    assert buffer.lines[0].startswith("[LOG] ")
