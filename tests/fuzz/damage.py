"""Ways to spoil the text of a module."""

from __future__ import annotations

import re

from hypothesis import strategies as st

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@st.composite
def damaged(draw: st.DrawFn, texts: list[str]) -> bytes:
    """Draw one of the texts, spoilt once or several times, as the bytes of a file."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 3))):
        text = draw(st.sampled_from(_WAYS))(draw, text)
    data = text.encode("utf-8", "surrogatepass")
    if draw(st.booleans()):
        return data
    place = draw(st.integers(0, len(data)))
    return data[:place] + draw(st.binary(max_size=8)) + data[place:]


def _deleted(draw: st.DrawFn, text: str) -> str:
    tokens = _TOKEN.findall(text)
    start = draw(st.integers(0, len(tokens)))
    return "".join(tokens[:start] + tokens[start + draw(st.integers(1, 6)) :])


def _doubled(draw: st.DrawFn, text: str) -> str:
    tokens = _TOKEN.findall(text)
    start = draw(st.integers(0, len(tokens)))
    end = start + draw(st.integers(1, 12))
    return "".join(tokens[:end] + tokens[start:])


def _swapped(draw: st.DrawFn, text: str) -> str:
    tokens = _TOKEN.findall(text)
    if len(tokens) < 2:
        return text
    one, other = (draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return "".join(tokens)


def _truncated(draw: st.DrawFn, text: str) -> str:
    return text[: draw(st.integers(0, len(text)))]


def _other_word(draw: st.DrawFn, text: str) -> str:
    tokens = _TOKEN.findall(text) or [""]
    words = sorted({token for token in tokens if token.strip()}) or ["x"]
    place = draw(st.integers(0, len(tokens) - 1))
    tokens[place] = draw(st.sampled_from(words) | st.text(max_size=5))
    return "".join(tokens)


def _swapped_lines(draw: st.DrawFn, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    one, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def _line_ends(draw: st.DrawFn, text: str) -> str:
    return text.replace("\n", draw(st.sampled_from(["\r\n", "\r", "\n\r", "\f\n", "\x85"])))


def _nested(draw: st.DrawFn, text: str) -> str:
    depth = draw(st.sampled_from([30, 90, 150, 300, 2000]))
    opening, closing = draw(st.sampled_from([("(", ")"), ("[", "]"), ("v.array(", ")"), ("-", "")]))
    return f"{text}\nDEEP = {opening * depth}1{closing * depth}\n"


def _long_line(draw: st.DrawFn, text: str) -> str:
    count = draw(st.sampled_from([1000, 20_000]))
    return f"{text}\nLONG = {' + '.join(['1'] * count)}\nTEXT = '{'é' * count}'\n"


def _strange_character(draw: st.DrawFn, text: str) -> str:
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(st.sampled_from("\0\x0c\ufeff\u2028\ud800\t")) + text[place:]


_WAYS = [
    _deleted,
    _doubled,
    _swapped,
    _truncated,
    _other_word,
    _swapped_lines,
    _line_ends,
    _nested,
    _long_line,
    _strange_character,
]
