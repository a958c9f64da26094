"""The ``junit`` format: XML that test reports of most CI systems understand.

Elements and attributes are those of the schema of Jenkins' xUnit plugin (junit-10.xsd).
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.sources import Sources

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold (XML 1.0, section 2.2)."""


def render_junit(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Render findings as failed tests, one suite per file; without findings, one test passes.

    Silenced findings are left out.
    """
    counted = [diagnostic for diagnostic in diagnostics if diagnostic.silence is None]
    root = _element("testsuites", None, name="convexity", **_totals(len(counted)))
    if not counted:
        suite = _element("testsuite", root, name="convexity", tests="1", failures="0", errors="0")
        _element("testcase", suite, name="check", classname="convexity")
        root.set("tests", "1")
    for path, group in groupby(counted, key=lambda item: sources.in_repository(item.path)):
        findings = list(group)
        suite = _element("testsuite", root, name=path, **_totals(len(findings)))
        for finding in findings:
            _case(suite, finding, path)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _case(suite: ElementTree.Element, finding: Diagnostic, path: str) -> None:
    line, column = finding.span[:2]
    case = _element("testcase", suite, name=finding.rule, classname=path, file=path, line=str(line))
    failure = _element("failure", case, type=finding.severity, message=finding.message)
    text = f"{path}:{line}:{column}: {finding.message} ({finding.identity})"
    failure.text = _clean(f"{text}\nhelp: {finding.help}" if finding.help else text)


def _totals(number: int) -> dict[str, str]:
    return {"tests": str(number), "failures": str(number), "errors": "0"}


def _element(
    tag: str, parent: ElementTree.Element | None, **attributes: str
) -> ElementTree.Element:
    cleaned = {name: _clean(value) for name, value in attributes.items()}
    if parent is None:
        return ElementTree.Element(tag, cleaned)
    return ElementTree.SubElement(parent, tag, cleaned)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
