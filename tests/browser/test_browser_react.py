"""The React front end of examples/chat: npm convex, unchanged, against a compiled backend."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.pages import FRONT_END, build, needs_npm_packages, served
from tests.support.backends import EXAMPLES, Server, build_project, free_port, serve
from tests.support.browser import chromium, needs_chromium

NO_MODEL = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}

pytestmark = [needs_chromium, needs_npm_packages]


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    subprocess.run(["npx", "tsc", "--noEmit"], cwd=FRONT_END, check=True, capture_output=True)
    build(FRONT_END, folder)
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(EXAMPLES / "chat", tmp_path_factory.mktemp("chat") / "chat")


@pytest.fixture(scope="module")
def backend(dist: Path) -> Iterator[Server]:
    with serve(dist, **NO_MODEL) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def open_chat(browser: Browser, page_url: str, backend: Server, channel: str = "") -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{page_url}?backend={backend.url}{channel}")
    return page


def join(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_label("Message")).to_be_visible()


def say(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Send").click()


def chat(page: Page) -> Locator:
    return page.get_by_role("region", name="Chat").get_by_role("listitem")


def history(page: Page) -> Locator:
    return page.get_by_role("region", name="History").get_by_role("listitem")


def channel_of(page: Page) -> str:
    page.wait_for_function("location.hash.length > 1")
    return "#" + page.url.partition("#")[2]


def test_what_one_types_appears_to_the_other(
    browser: Browser, page_url: str, backend: Server
) -> None:
    ada = open_chat(browser, page_url, backend)
    join(ada, "Ada")
    ben = open_chat(browser, page_url, backend, channel_of(ada))
    expect(ben.get_by_role("status")).to_have_text("live")
    say(ada, "<b>Hello</b>")
    expect(chat(ben)).to_have_text(["<b>Hello</b>"])
    join(ben, "Ben")
    say(ben, "Hello Ada")
    expect(chat(ada)).to_have_text(["<b>Hello</b>", "Hello Ada"])
    expect(chat(ada).first).to_have_class("mine")
    expect(chat(ada).last).to_have_class("theirs")


def test_a_list_grows_by_pages_and_stays_live(
    browser: Browser, page_url: str, backend: Server
) -> None:
    ada = open_chat(browser, page_url, backend)
    join(ada, "Ada")
    for number in range(12):
        say(ada, f"message {number}")
        expect(history(ada).first).to_contain_text(f"message {number}")
    ben = open_chat(browser, page_url, backend, channel_of(ada))
    expect(history(ben)).to_have_count(5)
    ben.get_by_role("button", name="Load older").click()
    expect(history(ben)).to_have_count(10)
    say(ada, "one more")
    expect(history(ben).first).to_contain_text("one more")
    ben.get_by_role("button", name="Load older").click()
    shown = [f"message {number}" for number in range(12)] + ["one more"]
    expect(history(ben)).to_contain_text(list(reversed(shown)))
    expect(ben.get_by_text("That is all.")).to_be_visible()


def test_a_message_shows_before_the_backend_has_it(
    browser: Browser, page_url: str, backend: Server
) -> None:
    ada = open_chat(browser, page_url, backend)
    held: list[str] = []

    def hold_mutations(socket: object) -> None:
        upstream = socket.connect_to_server()  # type: ignore[attr-defined]
        socket.on_message(  # type: ignore[attr-defined]
            lambda message: (
                held.append(message) if '"content":"early"' in message else upstream.send(message)
            )
        )
        upstream.on_message(lambda message: socket.send(message))  # type: ignore[attr-defined]

    ada.route_web_socket(re.compile(r"/sync$"), hold_mutations)
    ada.reload()
    join(ada, "Ada")
    say(ada, "early")
    expect(chat(ada)).to_have_text(["early"])
    expect(history(ada)).to_have_count(0)
    assert len(held) == 1


def test_both_recover_when_the_server_is_killed(
    browser: Browser, page_url: str, dist: Path, tmp_path: Path
) -> None:
    database = {**NO_MODEL, "DATABASE_URL": f"sqlite:///{tmp_path / 'chat.db'}"}
    port = free_port()
    with serve(dist, port=port, **database) as server:
        ada = open_chat(browser, page_url, server)
        join(ada, "Ada")
        ben = open_chat(browser, page_url, server, channel_of(ada))
        join(ben, "Ben")
        say(ada, "before")
        expect(chat(ben)).to_have_text(["before"])
        server.kill()
        for page in (ada, ben):
            expect(page.get_by_role("status")).to_have_text("connecting…")
        say(ben, "meanwhile")
        expect(chat(ben)).to_have_text(["before", "meanwhile"])
    with serve(dist, port=port, **database):
        for page in (ada, ben):
            expect(page.get_by_role("status")).to_have_text("live", timeout=60_000)
        expect(chat(ada)).to_have_text(["before", "meanwhile"])
        say(ada, "after")
        expect(chat(ben)).to_have_text(["before", "meanwhile", "after"])
        expect(history(ben)).to_contain_text(["after", "meanwhile", "before"])
