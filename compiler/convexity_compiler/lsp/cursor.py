"""What stands at a place of source that need not parse: a name with its chain, or a string with
the call that it is an argument of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from convexity_compiler.lsp.tokens import Token, opening, string_content, string_value, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Step:
    """A name of a chain such as ``ctx.db.query("messages").with_index``."""

    name: str
    strings: tuple[str | None, ...] | None = None
    """For a call, its positional arguments: the text of those that are strings, None for others;
    None for a name that is not called."""

    def string(self, position: int) -> str | None:
        """The positional argument at ``position``, if it is a string."""
        strings = self.strings or ()
        return strings[position] if position < len(strings) else None


Chain: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class AtName:
    """A name, or the place behind a dot where one is due."""

    chain: Chain
    """What stands before the dot; empty for a name without one."""
    start: int
    end: int
    name: str
    """Empty behind a dot that no name follows."""
    is_reached: bool
    """Whether the chain is known from its beginning."""
    follows: str
    """The word before it: ``def``, ``import``...; empty when there is none."""


@dataclass(frozen=True, slots=True)
class AtString:
    """A string, and the call that it is an argument of."""

    start: int
    """Where the text between the quotes begins."""
    end: int
    value: str
    function: Chain
    """What is called, the method last; empty outside of calls."""
    arguments: tuple[str | None, ...] = ()
    """The positional arguments before it, as in ``Step.strings``."""
    keyword: str = ""
    """The name of the keyword argument that it is; empty for a positional one."""
    in_list: bool = False
    """Whether it is an element of a list that is the argument."""

    @property
    def method(self) -> str:
        """The name that is called."""
        return self.function[-1].name if self.function else ""


@dataclass(frozen=True, slots=True)
class AtComment:
    """A comment."""

    start: int
    text: str


Cursor: TypeAlias = AtName | AtString | AtComment


def cursor_at(text: str, offset: int) -> Cursor | None:
    """Return what stands at ``offset``, counted in characters; None where nothing of use does."""
    found = tokens(text)
    position = _token_at(found, offset)
    if position is None:
        return None
    token = found[position]
    if token.kind == "comment":
        return AtComment(token.start, token.text)
    code = [entry for entry in found[: position + 1] if entry.kind != "comment"]
    if token.kind == "string":
        return _string(code, offset)
    if token.is_identifier or (token.kind == "name" and _follows_dot(code)):
        return _name(code, len(code) - 1, token.start, token.end, token.text)
    if token.text == "." and token.end == offset:
        return _name(code, len(code), offset, offset, "")
    return None


def _token_at(found: Sequence[Token], offset: int) -> int | None:
    """The token around the offset; of two that meet there, a name or string first."""
    touching = [position for position, token in enumerate(found) if _touches(token, offset)]
    words = [position for position in touching if found[position].kind in ("name", "string")]
    return next(iter(words or touching), None)


def _touches(token: Token, offset: int) -> bool:
    """Whether an offset lies in a token or at its ends; in a string, between the quotes."""
    start, end = string_content(token) if token.kind == "string" else (token.start, token.end)
    return start <= offset <= end


def _closed(token: Token) -> bool:
    return string_content(token)[1] < token.end


def _follows_dot(code: Sequence[Token]) -> bool:
    return len(code) > 1 and code[-2].text == "."


def _name(code: list[Token], position: int, start: int, end: int, name: str) -> AtName:
    """The name at ``position``, which may lie behind the last token."""
    before = code[position - 1] if position > 0 else None
    if before is not None and before.text == ".":
        chain, reached = _chain(code, position - 2)
        return AtName(chain, start, end, name, reached, "")
    follows = before.text if before is not None and before.kind == "name" else ""
    return AtName((), start, end, name, True, follows)


def _string(code: list[Token], offset: int) -> AtString:
    token = code[-1]
    start, end = string_content(token)
    if not _closed(token):
        end = max(start, min(end, offset))
    value = token.text[start - token.start : end - token.start]
    keyword = ""
    in_list = False
    position = len(code) - 1
    if position > 1 and code[position - 1].text == "=" and code[position - 2].is_identifier:
        keyword = code[position - 2].text
    while True:
        bracket = _enclosing(code, position)
        if bracket is None:
            return AtString(start, end, value, ())
        if code[bracket].text == "[" and not in_list and not _is_subscript(code, bracket):
            in_list, position = True, bracket
            if position > 1 and code[position - 1].text == "=":
                keyword = code[position - 2].text
            continue
        break
    if code[bracket].text != "(" or bracket == 0 or not code[bracket - 1].is_identifier:
        return AtString(start, end, value, ())
    function, _ = _chain(code, bracket - 1)
    arguments = _arguments(code[bracket + 1 : position])
    return AtString(start, end, value, function, tuple(arguments), keyword, in_list)


def _is_subscript(code: Sequence[Token], bracket: int) -> bool:
    before = code[bracket - 1] if bracket else None
    return before is not None and (before.is_identifier or before.text in (")", "]"))


def _enclosing(code: Sequence[Token], position: int) -> int | None:
    """The innermost bracket that is open before ``position``."""
    depth = 0
    for index in range(position - 1, -1, -1):
        token = code[index]
        if token.kind != "symbol":
            continue
        if token.text in ")]}":
            depth += 1
        elif token.text in "([{":
            if depth == 0:
                return index
            depth -= 1
    return None


def _chain(code: list[Token], last: int) -> tuple[Chain, bool]:
    """The chain whose last token is at ``last``, and whether it is known from its beginning."""
    steps: list[Step] = []
    position = last
    while position >= 0:
        token = code[position]
        if token.kind == "name":
            steps.insert(0, Step(token.text))
            position -= 1
        elif token.text == ")":
            bracket = opening(code, position)
            if bracket is None:
                return tuple(steps), False
            if bracket > 0 and code[bracket - 1].is_identifier:
                strings = tuple(_arguments(code[bracket + 1 : position]))
                steps.insert(0, Step(code[bracket - 1].text, strings))
                position = bracket - 2
            else:
                inner, reached = _chain(code[bracket + 1 : position], position - bracket - 2)
                return (*inner, *steps), reached
        else:
            return tuple(steps), False
        if position < 0 or code[position].text != ".":
            return tuple(steps), True
        position -= 1
    return tuple(steps), False


def _arguments(code: Sequence[Token]) -> list[str | None]:
    """The positional arguments that these tokens hold, the text of those that are strings."""
    found: list[str | None] = []
    argument: list[Token] = []
    depth = 0
    for token in [*code, Token("symbol", 0, 0, ",")]:
        if token.kind == "symbol" and token.text in "([{":
            depth += 1
        elif token.kind == "symbol" and token.text in ")]}":
            depth -= 1
        if token.text != "," or depth > 0:
            argument.append(token)
            continue
        is_keyword = len(argument) > 1 and argument[1].text == "=" and argument[0].is_identifier
        if argument and not is_keyword:
            is_string = len(argument) == 1 and argument[0].kind == "string"
            found.append(string_value(argument[0]) if is_string else None)
        argument = []
    return found
