"""Identities of findings that survive edits elsewhere in their files."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.sources import Sources


def fingerprints(diagnostics: Iterable[Diagnostic], sources: Sources) -> list[str]:
    """Return one fingerprint per finding, all of them different.

    It is made from the rule, the file, the names of the functions and classes around the finding
    and the text that it marks, without its white space; findings that agree in all of these are
    told apart by their order. Lines, columns and messages do not count.
    """
    seen: Counter[str] = Counter()
    found = []
    for diagnostic in diagnostics:
        path, span = diagnostic.path, diagnostic.span
        scope, snippet = sources.scope(path, span.line), sources.snippet(path, span)
        identity = "\x00".join((diagnostic.rule, path, scope, snippet))
        # Names of files need not be Unicode.
        numbered = f"{identity}\x00{seen[identity]}".encode(errors="backslashreplace")
        found.append(hashlib.sha256(numbered).hexdigest()[:16])
        seen[identity] += 1
    return found
