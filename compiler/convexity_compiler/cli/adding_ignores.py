"""Comments for findings that are to stay: ``convexity check --add-ignore``."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from convexity_compiler.cli import pipeline
from convexity_compiler.cli.errors import CommandError
from convexity_compiler.cli.source_file import read_source, replace_all
from convexity_compiler.diagnostics.directives import directives
from convexity_compiler.diagnostics.edits import apply_edits
from convexity_compiler.diagnostics.model import Edit
from convexity_compiler.diagnostics.printable import printable
from convexity_compiler.rules.engine import examine
from convexity_compiler.span import Span
from convexity_compiler.summary.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.directives import Directive
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.summary.model import ModuleSummary

_WIDTH: Final = 100
"""A comment that makes a line longer than this goes above it: formatters wrap long lines, and
comments move when they do."""
_ABOUT_COMMENTS: Final = "SUP"
"""Family of the rules about comments: a comment does not silence those."""


def add_ignores(config: Config, paths: tuple[str, ...], reason: str) -> int:
    """Write a comment for every finding in ``paths`` that counts; return how many are silent now.

    Findings of mypy are not among them: mypy has comments of its own. Files that cannot be parsed
    are left alone. Raises CommandError for a reason that does not fit into a comment, when a
    comment would change what a file does, and when a file cannot be read or written.
    """
    _require_one_line(reason)
    project = pipeline.load(config)
    modules = {project.path_of(name): module for name, module in project.modules.items()}
    before = _counting(examine(project), config, paths)
    by_path: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for finding in before:
        module = modules.get(finding.path)
        if module is not None and module.problem is None:
            by_path[finding.path].append(finding)
    files = []
    for path, findings in by_path.items():
        file = read_source(config.root / path)
        newline = "\r\n" if "\r\n" in file.text else "\n"
        edits = _edits(path, findings, modules[path], reason, newline)
        text = apply_edits(file.text, edits)
        _require_same_code(path, file.text, text)
        files.append(file.with_text(text))
    replace_all(files)
    return len(before) - len(_counting(examine(pipeline.load(config)), config, paths))


def _require_one_line(reason: str) -> None:
    """Raise CommandError for a reason that would end its comment."""
    if printable(reason) != reason:
        raise CommandError(
            f"the reason of --add-ignore has control characters: {printable(reason)}",
            help_text="give a reason of one line without control characters",
        )


def _require_same_code(path: str, before: str, after: str) -> None:
    """Raise CommandError unless two texts of a file differ in nothing but comments."""
    try:
        is_same = ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except (SyntaxError, ValueError):
        is_same = False
    if not is_same:
        raise CommandError(
            f"{path}: its comments cannot be added without changing the code; nothing is written",
            help_text="silence the findings of this file by hand",
        )


def _counting(
    findings: list[Diagnostic], config: Config, paths: tuple[str, ...]
) -> list[Diagnostic]:
    return [
        finding
        for finding in pipeline.narrow(findings, config, paths)
        if finding.silence is None and not finding.code.startswith(_ABOUT_COMMENTS)
    ]


def _edits(
    path: str, findings: Sequence[Diagnostic], module: ModuleSummary, reason: str, newline: str
) -> Iterator[Edit]:
    lines = read_lines(module.text)
    rules: defaultdict[int, set[str]] = defaultdict(set)
    for finding in findings:
        line = finding.span.line
        # Lines that a string or a backslash joins take a comment at their end alone.
        while line not in lines.ended and line < len(module.lines):
            line += 1
        rules[line].add(finding.rule)
    present = {
        directive.span.line: directive
        for directive in directives(path, module.comments)
        if directive.verb == "ignore" and not directive.comment.own_line
    }
    for line, names in sorted(rules.items()):
        if line in present:
            yield _extended(present[line], names)
            continue
        comment = f"# convexity: ignore[{', '.join(sorted(names))}] {reason}".rstrip()
        text = module.lines[line - 1]
        logical = lines.logical_at(line)
        if len(text) + 2 + len(comment) <= _WIDTH or logical is None:
            end = len(text.rstrip()) + 1
            gap = "  " if text.strip() else ""
            yield Edit(path=path, span=Span(line, end, line, len(text) + 1), text=gap + comment)
        else:
            start = logical.start
            indentation = module.lines[start.line - 1][: start.column]
            place = Span(start.line, start.column + 1, start.line, start.column + 1)
            yield Edit(path=path, span=place, text=f"{comment}{newline}{indentation}")


def _extended(directive: Directive, names: set[str]) -> Edit:
    """Add rules to a comment that is there already."""
    listed = [rule.text for rule in directive.rules]
    listed += sorted(names.difference(listed))
    return Edit(path=directive.path, span=directive.rules_span, text=f"[{', '.join(listed)}]")
