"""What secrets look like in source text."""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_ISSUED: Final[dict[str, str]] = {
    "an AWS access key": r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    "a GitHub token": r"gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{60,}",
    "a GitLab token": r"glpat-[0-9A-Za-z_-]{20,}",
    "a Google API key": r"AIza[0-9A-Za-z_-]{35}",
    "an Anthropic API key": r"sk-ant-[0-9A-Za-z_-]{24,}",
    "an OpenAI API key": r"sk-(?:proj-|svcacct-|admin-)?[0-9A-Za-z_-]{20,}",
    "a Stripe secret key": r"(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,}",
    "a Stripe webhook secret": r"whsec_[0-9A-Za-z+/=]{24,}",
    "a Slack token": r"xox[abprs]-[0-9A-Za-z-]{20,}",
    "a SendGrid API key": r"SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}",
    "a Hugging Face token": r"hf_[0-9A-Za-z]{30,}",
    "an npm token": r"npm_[0-9A-Za-z]{36}",
    "a PyPI token": r"pypi-[0-9A-Za-z_-]{50,}",
    "a Telegram bot token": r"[0-9]{8,10}:AA[0-9A-Za-z_-]{33}",
    "a JSON web token": r"eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}",
}
"""Kinds of secrets by what their issuers make them look like."""
_PREFIXED: Final = re.compile(
    r"(?<![0-9A-Za-z_-])(?:"
    + "|".join(f"(?P<k{number}>{pattern})" for number, pattern in enumerate(_ISSUED.values()))
    + r")(?![0-9A-Za-z_-])",
    re.ASCII,
)
_PRIVATE_KEY: Final = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")
_URL_PASSWORD: Final = re.compile(
    r"\b[a-z][a-z0-9+]*://[^\s:/@'\"{}]+:([^\s:/@'\"{}]{6,})@[^\s'\"]"
)
_NAMED: Final = re.compile(
    r"""(?P<name>\b\w*(?:key|token|secret|passw(?:or)?d|credential)s?)["']?\s*\]?\s*"""
    r"""(?::\s*\w+(?:\[\w+\])?\s*)?(?:=|:)\s*\(?\s*["'](?P<value>[^\s"']{20,})["']""",
    re.IGNORECASE,
)
_HARMLESS_NAME: Final = re.compile(
    r"public|publishable|index|cache|sort|group|partition|primary|foreign|idempotency|next_?page"
    r"|cursor|field|column|storage_key|label",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"example|placeholder|change[-_]?me|your|dummy|fake|test|sample|insert|redacted|x{4,}|\.\.\.|<|\{"
    r"|0123456789|1234567890|abcdef",
    re.IGNORECASE,
)
_LEAST_ENTROPY: Final = 3.5
"""Bits per character: random hex has close to 4, base64 more, words of a language less."""


class Secret(NamedTuple):
    """A stretch of source text that looks like a secret."""

    kind: str
    start: int
    end: int


def secrets(text: str) -> Iterator[Secret]:
    """Yield what looks like a secret, by place, none of them inside another one."""
    end = 0
    for found in sorted(_candidates(text), key=lambda entry: (entry.start, -entry.end)):
        if found.start >= end:
            end = found.end
            yield found


def _candidates(text: str) -> Iterator[Secret]:
    kinds = tuple(_ISSUED)
    for match in _PREFIXED.finditer(text):
        group = match.lastgroup
        if group is not None and _is_random(match[0], least=3.0) and not _is_placeholder(match[0]):
            yield Secret(kinds[int(group[1:])], match.start(), match.end())
    for match in _PRIVATE_KEY.finditer(text):
        yield Secret("a private key", match.start(), match.end())
    for match in _URL_PASSWORD.finditer(text):
        if not _is_placeholder(match[1]) and match[1].lower() not in ("password", "postgres"):
            yield Secret("a password", match.start(1), match.end(1))
    for match in _NAMED.finditer(text):
        value = match["value"]
        if (
            not _HARMLESS_NAME.search(match["name"])
            and _is_mixed(value)
            and _is_random(value, least=_LEAST_ENTROPY)
            and not _is_placeholder(value)
        ):
            yield Secret(
                f"the value of `{match['name']}`", match.start("value"), match.end("value")
            )


def _is_mixed(value: str) -> bool:
    """Whether a value has the letters and digits of a random one, and no words of a path or URL."""
    if re.search(r"[/:]{2}|^[./]|[^0-9A-Za-z_+/=.-]", value):
        return False
    digits = sum(character.isdigit() for character in value)
    letters = sum(character.isalpha() for character in value)
    longest = max((len(word) for word in re.findall(r"[a-z]+|[A-Z]+", value)), default=0)
    return digits >= 3 and letters >= 3 and longest <= 8


def _is_random(value: str, *, least: float) -> bool:
    counts = Counter(value).values()
    return -sum(n / len(value) * log2(n / len(value)) for n in counts) >= least


def _is_placeholder(value: str) -> bool:
    body = re.sub(r"^(?:sk|rk)_test_", "", value)
    return _PLACEHOLDER.search(body) is not None
