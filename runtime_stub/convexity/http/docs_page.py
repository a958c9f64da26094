"""The page at ``/docs``: Swagger UI, whose files come from a package and not from the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request
from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from fastapi import FastAPI

_ASSETS: Final = "/docs/assets"
_PACKAGE: Final = ("fastapi_offline", "static")


def add_docs_page(app: FastAPI) -> None:
    """Serve the page and its files."""
    app.mount(_ASSETS, StaticFiles(packages=[_PACKAGE]))

    async def show(request: Request) -> HTMLResponse:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{root}{_ASSETS}/favicon.png",
        )

    app.add_route("/docs", show, include_in_schema=False)
