"""SEC003."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.sec.secret_patterns import secrets
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.sec.secret_patterns import Secret
    from convexity_compiler.summary.model import ModuleSummary


class HardcodedSecret(Rule):
    """A secret stands in the source.

    ## What it does

    Finds keys and tokens in the forms that their issuers give them, private keys, passwords in
    URLs, and random strings that are called a key, token, secret or password; comments and
    docstrings included. Publishable keys and placeholders are silent.

    ## Why is this bad?

    Whoever reads the repository, a build of it or a backup has the secret, and it stays in the
    history for good.

    ## Example

    ```python
    from ._generated.server import ActionCtx, action

    API_TOKEN = "9fK2mQ7xV4bN8sL1pR6tW3yZ0cH5dG"
    ```

    ## Use instead

    ```python
    from ._generated.server import ActionCtx, action, env


    @action(args={}, returns=v.null())
    async def pay(ctx: ActionCtx) -> None:
        print(len(env.API_TOKEN))
    ```

    ## References

    - [The language, *Time and environment*](../reference/language.md#time-and-environment).
    """

    name = "hardcoded-secret"
    code = "SEC003"
    category = "security"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the text of every module."""
        for module in project.own_modules:
            for secret in secrets(module.text):
                yield self.finding(
                    project,
                    Location(module.module, _span(module, secret)),
                    f"{secret.kind} stands in the source",
                    help="revoke it, declare a variable with `define_app(env={...})` in"
                    " convex_config.py, and read `env.NAME`",
                )


def _span(module: ModuleSummary, secret: Secret) -> Span:
    starts = [0, *accumulate(len(line) + 1 for line in module.lines)]
    first = bisect_right(starts, secret.start)
    last = bisect_right(starts, secret.end)
    return Span(
        first, secret.start - starts[first - 1] + 1, last, secret.end - starts[last - 1] + 1
    )
