"""Making a public function internal, with every reference to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.records import replace
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.all_references import written_references
from convexity_compiler.rules.usage.targets import spelled
from convexity_compiler.rules.writing.names import GENERATED_API, imported_name
from convexity_compiler.rules.writing.registrars import register_as
from convexity_compiler.summary.expressions import Attribute, Name

if TYPE_CHECKING:
    from convexity_compiler.diagnostics.model import Edit
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.summary.expressions import Expr


def make_internal(project: LinkedProject, function: LinkedFunction) -> Fix | None:
    """Return the unsafe fix that makes a public function internal wherever it is named.

    None where a registrar or the root of a reference is not written as a plain name.
    """
    fix = register_as(project, function, f"internal_{function.kind}")
    if fix is None:
        return None
    edits: list[Edit] = [*fix.edits]
    _, rest = spelled(function)
    for written in written_references(project.whole):
        if written.reference.root != "api" or function is not project.function(written.reference):
            continue
        root = _root(written.chain)
        if root is None or written.origin != "_generated.api.api":
            return None
        found = imported_name(project, written.module, GENERATED_API, "internal")
        if found is None:
            return None
        name, imports = found
        edits.append(replace(replace_text(project, written.module, root.span, name), shared=True))
        edits += imports
    title = f"make `{rest.removeprefix('.')}` internal"
    return Fix(title=title, applicability="unsafe", edits=tuple(dict.fromkeys(edits)))


def _root(chain: Expr) -> Name | None:
    while isinstance(chain, Attribute):
        chain = chain.value
    return chain if isinstance(chain, Name) else None
