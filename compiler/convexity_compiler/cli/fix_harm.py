"""What a fix must not do: break a file, lose a comment, bring about another error."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.session import CheckResult

_DIRECTIVE = re.compile(r"#\s*(?:convexity|noqa)\b")


def harm(
    before: CheckResult, after: CheckResult, texts: Mapping[str, str], fixed: Mapping[str, str]
) -> str:
    """Return the first harm that fixes do, in one clause; "" for none.

    ``texts`` are the files that they change, by path, ``fixed`` the same files behind them.
    """
    return (
        _unreadable(after, fixed)
        or _lost_comment(texts, fixed)
        or _new_error(_errors(before), _errors(after))
    )


def _unreadable(after: CheckResult, fixed: Mapping[str, str]) -> str:
    for module in after.project.modules.values():
        path = after.project.path_of(module.module)
        if module.problem is not None and path in fixed:
            line = module.problem.span.line
            return f"line {line} of {path} would not parse: {module.problem.message}"
    return ""


def _lost_comment(texts: Mapping[str, str], fixed: Mapping[str, str]) -> str:
    for path, text in texts.items():
        lost = _comments(text) - _comments(fixed[path]) if text != fixed[path] else None
        if lost:
            return f"it would remove the comment `{next(iter(lost))}` from {path}"
    return ""


def _comments(text: str) -> Counter[str]:
    """Count the comments of a file, without those that silence rules: they have rules too."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(
        token.string
        for token in tokens
        if token.type == tokenize.COMMENT and not _DIRECTIVE.search(token.string)
    )


def _new_error(
    before: Mapping[tuple[str, str], list[Diagnostic]],
    after: Mapping[tuple[str, str], list[Diagnostic]],
) -> str:
    for place, findings in after.items():
        known = Counter(finding.message for finding in before.get(place, ()))
        if len(findings) > known.total():
            new = next((entry for entry in findings if not known[entry.message]), findings[-1])
            where = f"{new.path}:{new.span.line}"
            return f"it would bring about {new.rule} at {where}: {new.message}"
    return ""


def _errors(result: CheckResult) -> dict[tuple[str, str], list[Diagnostic]]:
    """The errors by path and rule."""
    found: dict[tuple[str, str], list[Diagnostic]] = {}
    for finding in result.findings:
        if finding.severity == "error":
            found.setdefault((finding.path, finding.rule), []).append(finding)
    return found
