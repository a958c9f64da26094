"""What secrets look like in source text."""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Issued(NamedTuple):
    kind: str
    marks: tuple[str, ...]
    """One of them stands in every such secret: looking for them first is fast."""
    pattern: str


_ISSUED: Final = (
    _Issued("an AWS access key", ("AKIA", "ASIA"), r"(?:AKIA|ASIA)[0-9A-Z]{16}"),
    _Issued(
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{60,}",
    ),
    _Issued("a GitLab token", ("glpat-",), r"glpat-[0-9A-Za-z_-]{20,}"),
    _Issued("a Google API key", ("AIza",), r"AIza[0-9A-Za-z_-]{35}"),
    _Issued("an Anthropic API key", ("sk-ant-",), r"sk-ant-[0-9A-Za-z_-]{24,}"),
    _Issued(
        "an OpenAI API key", ("sk-",), r"sk-(?:proj-|svcacct-|admin-)?(?!ant-)[0-9A-Za-z_-]{20,}"
    ),
    _Issued(
        "a Stripe secret key",
        ("k_live_", "k_test_"),
        r"(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,}",
    ),
    _Issued("a Stripe webhook secret", ("whsec_",), r"whsec_[0-9A-Za-z+/=]{24,}"),
    _Issued("a Slack token", ("xox",), r"xox[abprs]-[0-9A-Za-z-]{20,}"),
    _Issued("a SendGrid API key", ("SG.",), r"SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}"),
    _Issued("a Hugging Face token", ("hf_",), r"hf_[0-9A-Za-z]{30,}"),
    _Issued("an npm token", ("npm_",), r"npm_[0-9A-Za-z]{36}"),
    _Issued("a PyPI token", ("pypi-",), r"pypi-[0-9A-Za-z_-]{50,}"),
    _Issued("a Telegram bot token", (":AA",), r"[0-9]{8,10}:AA[0-9A-Za-z_-]{33}"),
    _Issued(
        "a JSON web token",
        ("eyJ",),
        r"eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}",
    ),
)
"""Kinds of secrets by what their issuers make them look like."""
_PRIVATE_KEY: Final = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")
_URL_PASSWORD: Final = re.compile(
    r"\b[a-z][a-z0-9+]*://[^\s:/@'\"{}]+:([^\s:/@'\"{}]{6,})@[^\s'\"]"
)
_LONG: Final = re.compile(r"""(?<=["'])[0-9A-Za-z_+/=.-]{20,}(?=["'])""", re.ASCII)
"""What stands between quotes where the value of a name is a secret."""
_NAME_BEFORE: Final = re.compile(
    r"""(?P<name>\b\w*(?:key|token|secret|passw(?:or)?d|credential)s?)["']?\s*\]?\s*"""
    r"""(?::\s*\w+(?:\[\w+\])?\s*)?(?:=|:)\s*\(?\s*["']\Z""",
    re.IGNORECASE,
)
_LONGEST_NAME: Final = 80
"""How many characters before a string are searched for its name."""
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
    yield from _issued(text)
    yield from _named(text)
    if "PRIVATE KEY-----" in text:
        for match in _PRIVATE_KEY.finditer(text):
            yield Secret("a private key", match.start(), match.end())
    if "://" in text:
        for match in _URL_PASSWORD.finditer(text):
            if not _is_placeholder(match[1]) and match[1].lower() not in ("password", "postgres"):
                yield Secret("a password", match.start(1), match.end(1))


def _issued(text: str) -> Iterator[Secret]:
    for kind, marks, pattern in _ISSUED:
        if any(mark in text for mark in marks):
            bounded = rf"(?<![0-9A-Za-z_-])(?:{pattern})(?![0-9A-Za-z_-])"
            for match in re.finditer(bounded, text, re.ASCII):
                if _is_random(match[0], least=3.0) and not _is_placeholder(match[0]):
                    yield Secret(kind, match.start(), match.end())


def _named(text: str) -> Iterator[Secret]:
    for match in _LONG.finditer(text):
        value, start, end = match[0], match.start(), match.end()
        if not _is_mixed(value) or not _is_random(value, least=_LEAST_ENTROPY):
            continue
        before = text[max(0, start - _LONGEST_NAME) : start]
        found = _NAME_BEFORE.search(before)
        if (
            found is not None
            and not _HARMLESS_NAME.search(found["name"])
            and not _is_placeholder(value)
        ):
            yield Secret(f"the value of `{found['name']}`", start, end)


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
