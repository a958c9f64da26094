"""What is no mistake any more in disguise, and what is not caught."""

from __future__ import annotations

from typing import Final

_NAMED: Final = "the value has a name, and may be used or checked by it"
_IN_LIST: Final = "the value is taken out of a list of results"
_OTHER_FUNCTION: Final = "the handler itself does not do it any more"

NOT_THE_SAME: Final[dict[str, dict[str, str]]] = {
    "awaited-builder": {"gathered": "it is `gather` that awaits the builder, which mypy refuses"},
    "count-by-collect": {"walrus": _NAMED},
    "first-element-of-collect": {"gathered": _IN_LIST, "walrus": _NAMED},
    "generator-handler": {"in-helper": _OTHER_FUNCTION, "in-nested-function": _OTHER_FUNCTION},
    "implicit-none-return": {
        "in-helper": "the handler returns what the helper returns, which mypy checks",
        "in-nested-function": "the handler returns what the inner function returns",
    },
    "iterate-collected": {"gathered": _IN_LIST, "walrus": _NAMED},
    "oversized-handler": {"in-helper": _OTHER_FUNCTION},
    "return-value-mismatch": {
        "in-helper": "the handler returns what the helper is annotated with",
        "in-nested-function": "the handler returns what the inner function is annotated with",
    },
    "unchecked-file-url": {"gathered": _IN_LIST, "walrus": _NAMED},
    "unchecked-get": {"gathered": _IN_LIST, "walrus": _NAMED},
}
"""Disguises after which the mistake is none, or another one, by rule, with the reason."""

ESCAPING: Final[dict[str, frozenset[str]]] = {}
"""Disguises in which a rule does not see its mistake, by rule; the fewer the better."""
