"""PRJ006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.special_files import AUTH, CONFIG, CRONS, HTTP
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_EXPECTED = {
    "http_router": HTTP.module,
    "cron_jobs": CRONS.module,
    "define_app": CONFIG.module,
    "define_auth": AUTH.module,
}


class MisnamedSpecialFile(Rule):
    """A router, cron jobs, an app or an auth configuration stand in a file that is not loaded.

    ## What it does

    Finds `http_router()`, `cron_jobs()`, `define_app(...)` and `define_auth(...)` outside of
    http.py, crons.py, convex_config.py and auth_config.py of the functions folder.

    ## Why is this bad?

    These files are found by their names. What stands in another one is not part of the backend: its
    routes answer nothing, and its jobs never run.

    ## Example

    ```python
    # convex/cron.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    ```

    ## Use instead

    ```python
    # convex/crons.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    ```

    ## References

    - `src/bundler/index.ts` of get-convex/convex-js warns about `https.js`; the schema has a rule
      of its own, `schema-outside-schema-file`.
    """

    name = "misnamed-special-file"
    code = "PRJ006"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every call of these constructors."""
        for made in project.constructions:
            expected = _EXPECTED.get(made.constructor)
            if expected is not None and made.location.module != expected:
                yield self.finding(
                    project,
                    made.location,
                    f"`{made.constructor}` in `{project.modules[made.location.module].path}`"
                    " is not loaded",
                    help=f"move it to `{expected}.py` of the functions folder",
                )
