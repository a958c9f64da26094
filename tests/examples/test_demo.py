"""``make demo`` as a newcomer runs it: one command, then a conversation in the browser."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.backends import REPOSITORY, free_port
from tests.support.browser import chromium, needs_chromium


@contextlib.contextmanager
def demo(folder: Path, target: str = "demo") -> Iterator[dict[str, str]]:
    """Run a target of make until it says where it serves; yield the addresses by name."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"}
    environment["DATABASE_URL"] = f"sqlite:///{folder / 'chat.db'}"
    process = subprocess.Popen(
        ["make", target, f"PORT={free_port()}", f"PAGE_PORT={free_port()}"],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    addresses: dict[str, str] = {}
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if match := re.match(r"(Backend|Chat) +(\S+)", line):
                addresses[match[1]] = match[2]
            if "local model server" in line:
                addresses["Model"] = line.split()[-1]
            if "Ctrl-C" in line:
                break
        yield addresses
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)


@needs_chromium
def test_two_windows_talk_and_the_model_answers(tmp_path: Path) -> None:
    with demo(tmp_path) as addresses, chromium() as browser:
        assert addresses.keys() == {"Backend", "Chat", "Model"}
        ada, ben = browser.new_page(), browser.new_page()
        ada.goto(addresses["Chat"])
        ada.get_by_label("Your name").fill("Ada")
        ada.get_by_role("button", name="Join").click()
        ada.get_by_label("Message").fill("I feel that compilers are fun")
        ada.get_by_role("button", name="Send").click()
        expect(ada.locator("li.mine")).to_contain_text("I feel that compilers are fun")
        answer = "What makes you feel that compilers are fun?"
        expect(ada.locator("li", has_text="Assistant")).to_contain_text(answer)

        ben.goto(ada.url)
        expect(ben.locator("#messages li")).to_have_count(2)
        ben.get_by_label("Your name").fill("Ben")
        ben.get_by_role("button", name="Join").click()
        ben.get_by_label("Message").fill("<b>Hello</b> Ada")
        ben.get_by_role("button", name="Send").click()
        expect(ada.locator("li", has_text="Someone")).to_contain_text("<b>Hello</b> Ada")


@needs_chromium
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_the_react_page_is_live(tmp_path: Path) -> None:
    with demo(tmp_path, "demo-react") as addresses, chromium() as browser:
        ada, ben = browser.new_page(), browser.new_page()
        ada.goto(addresses["Chat"])
        expect(ada.get_by_role("status")).to_have_text("live")
        ada.get_by_label("Your name").fill("Ada")
        ada.get_by_role("button", name="Join").click()
        ada.get_by_label("Message").fill("I feel that compilers are fun")
        ben.goto(ada.url)
        ada.get_by_role("button", name="Send").click()
        answer = "What makes you feel that compilers are fun?"
        expect(ben.get_by_role("region", name="Chat")).to_contain_text(answer)
