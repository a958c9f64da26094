"""One round of ``convexity dev``: from changed sources to a running server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli import generation, pipeline, reporting
from convexity_compiler.cli.errors import guard
from convexity_compiler.cli.output import Output
from convexity_compiler.cli.reporting import count
from convexity_compiler.emit.backend import BuildError, build_dist
from convexity_compiler.pipeline import compile_project
from convexity_compiler.rules.engine import obstacles

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.cli.dev_server import DevServer


class DevSession:
    """Keeps a server in step with the sources of a project."""

    def __init__(self, root: Path, server: DevServer) -> None:
        self._root = root
        self._server = server
        self._errors = 0

    def update(self) -> None:
        """Check, generate, build and serve; a failure is shown and leaves the server alone."""
        started = time.perf_counter()
        click.echo("Building ...", err=True)
        try:
            with guard():
                ready = self._update()
        except click.ClickException as error:
            error.show()
            ready = False
        if ready:
            milliseconds = (time.perf_counter() - started) * 1000
            errors = f" although check finds {count(self._errors, 'error')}" if self._errors else ""
            click.echo(
                f"Serving {self._server.url}{errors} (ready in {milliseconds:.0f} ms).", err=True
            )
        elif self._server.is_running:
            click.echo("The last good version keeps running.", err=True)
        else:
            click.echo("Waiting for changes.", err=True)

    def _update(self) -> bool:
        config = pipeline.configure(self._root)
        project = pipeline.load(config)
        parts = pipeline.parts(project)
        found = [finding for part in parts for finding in obstacles(part)]
        findings = found or pipeline.check(config, parts)
        if findings:
            reporting.report(findings, config.root, Output(to_stderr=True))
        if found:
            return False
        self._errors = reporting.errors(findings)
        *components, ir = map(compile_project, parts)
        generation.write(generation.plan(config, ir, components))
        slot = self._server.next_slot()
        try:
            build_dist(config.root, ir, slot, project.components.packages(project))
        except BuildError as error:
            click.echo(f"error: {error}", err=True)
            return False
        return self._server.replace(slot)
