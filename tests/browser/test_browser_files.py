"""What a browser does with files: pages of other origins upload and show them, none runs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.pages import served
from tests.support.backends import FIXTURES, Server, build_project, serve
from tests.support.browser import chromium, needs_chromium

pytestmark = [needs_chromium]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
SCRIPT = b"<title>quiet</title><script>document.title = 'it runs'</script>"

UPLOAD = """
async ([api, content, type]) => {
  const call = async (kind, path, args) => {
    const answer = await fetch(`${api}/api/${kind}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ path, args }),
    });
    return (await answer.json()).value;
  };
  const url = await call("mutation", "photos:generate_upload_url", {});
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const body = new Blob([bytes], { type });
  const { storageId } = await (await fetch(url, { method: "POST", body })).json();
  return await call("query", "photos:url", { file: storageId });
}
"""
SHOW = """
async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  document.body.append(image);
  return image.naturalWidth;
}
"""
FETCH = "async (url) => (await (await fetch(url)).arrayBuffer()).byteLength"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    dist = build_project(FIXTURES / "files", tmp_path_factory.mktemp("files") / "files")
    with serve(dist) as server:
        yield server


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """An empty page of another origin."""
    (tmp_path / "index.html").write_text("<!doctype html><title>files</title>")
    with served(tmp_path) as origin, chromium() as browser:
        opened = browser.new_page()
        opened.goto(origin)
        yield opened


def upload(page: Page, files: Server, content: bytes, content_type: str) -> str:
    url: str = page.evaluate(UPLOAD, [files.url, base64.b64encode(content).decode(), content_type])
    return url


def test_another_page_uploads_and_shows_files_that_do_not_run(page: Page, files: Server) -> None:
    image = upload(page, files, PIXEL, "image/png")
    assert page.evaluate(SHOW, image) == 1
    # The image is in the cache by now, from a request without CORS.
    assert page.evaluate(FETCH, image) == len(PIXEL)

    for content_type in ("text/html", ""):
        document = upload(page, files, SCRIPT, content_type)
        assert page.evaluate(FETCH, document) == len(SCRIPT)
        if content_type:
            page.goto(document)
            assert page.title() == "quiet"
            page.go_back()
