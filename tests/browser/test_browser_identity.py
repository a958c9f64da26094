"""Signing in with ``ConvexProviderWithAuth`` of the npm package, against a real issuer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.auth.issuer import Issuer, issuer
from tests.browser.pages import FRONT_END, build, needs_npm_packages, served
from tests.support.backends import FIXTURES, Server, built, copy_project, serve
from tests.support.browser import chromium, needs_chromium

pytestmark = [needs_chromium, needs_npm_packages]


@pytest.fixture(scope="module")
def login() -> Iterator[Issuer]:
    with issuer() as running:
        yield running


@pytest.fixture(scope="module")
def backend(login: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    project = copy_project(FIXTURES / "identity", tmp_path_factory.mktemp("identity") / "project")
    config = project / "convex" / "auth_config.py"
    config.write_text(config.read_text().replace("http://127.0.0.1:1", login.url))
    with serve(built(project)) as server:
        yield server


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    source = Path(shutil.copytree(Path(__file__).parent / "identity_page", folder / "source"))
    (source / "node_modules").symlink_to(FRONT_END / "node_modules")
    build(source, folder / "built")
    with served(folder / "built") as address:
        yield address


class Provider:
    """Hands out tokens as an identity provider's library does, and counts them."""

    def __init__(self, login: Issuer) -> None:
        self._login = login
        self.fetched: list[tuple[str | None, bool]] = []
        self.is_revoked = False

    def fetch(self, user: str | None, force: bool) -> str | None:
        self.fetched.append((user, force))
        if user is None:
            return None
        if self.is_revoked:
            return self._login.token(sub=user, exp=1)
        # A token that is fetched again is another one, as an issuer's would be.
        return self._login.token(sub=user, jti=str(len(self.fetched)))


@pytest.fixture
def provider(login: Issuer) -> Provider:
    return Provider(login)


@pytest.fixture
def page(page_url: str, backend: Server, provider: Provider) -> Iterator[Page]:
    with chromium() as browser:
        opened = browser.new_page()
        opened.expose_function("fetchToken", provider.fetch)
        opened.goto(f"{page_url}?backend={backend.url}")
        yield opened


def test_queries_and_actions_follow_who_is_signed_in(
    page: Page, login: Issuer, provider: Provider
) -> None:
    seen, state = page.get_by_label("query"), page.get_by_role("status")
    expect(seen).to_have_text("nobody")
    expect(state).to_have_text("signed out")
    page.get_by_role("button", name="Sign in as Ada").click()
    expect(state).to_have_text("signed in")
    expect(seen).to_have_text(f"{login.url}|ada")
    page.get_by_role("button", name="Ask the action").click()
    expect(page.get_by_label("action")).to_have_text("ada")
    page.get_by_role("button", name="Sign in as Ben").click()
    expect(seen).to_have_text(f"{login.url}|ben")
    page.get_by_role("button", name="Sign out").click()
    expect(seen).to_have_text("nobody")
    expect(state).to_have_text("signed out")
    assert ("ada", False) in provider.fetched


def test_a_token_that_is_refused_leaves_the_page_signed_out(page: Page, provider: Provider) -> None:
    provider.is_revoked = True
    expect(page.get_by_label("query")).to_have_text("nobody")
    page.get_by_role("button", name="Sign in as Ada").click()
    expect(page.get_by_role("status")).to_have_text("signed out", timeout=30_000)
    expect(page.get_by_label("query")).to_have_text("nobody")
    assert ("ada", True) in provider.fetched
