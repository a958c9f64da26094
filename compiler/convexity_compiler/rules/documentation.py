"""Rules as documentation: pages for people, records for tools; both come from the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.left_out import LEFT_OUT
from convexity_compiler.rules.registry import all_rules

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.rules.base import Rule

_FAMILIES = {
    "prj": "Project shape",
    "fun": "Registration of functions",
    "val": "Validators",
    "sch": "Schema and tables",
    "idx": "Indexes",
    "qry": "Queries",
    "dbw": "Reads by id and writes",
    "ctx": "Contexts",
    "ref": "References and calls",
    "asy": "Async code",
    "det": "Determinism",
    "wfl": "Workflows",
    "agt": "Agents",
    "htt": "Routes",
    "crn": "Cron jobs",
    "sto": "Stored files",
    "sec": "Security",
    "env": "Environment variables",
    "typ": "Annotations",
    "gen": "Generated code",
    "sup": "Comments that silence findings",
}


def page(rule: type[Rule]) -> str:
    """Return the Markdown page of a rule."""
    fix = "It offers a fix." if rule.fixable else "It offers no fix."
    return (
        f"# {rule.name} ({rule.code})\n\n"
        f"{rule.severity.capitalize()}, {rule.category}; since convexity {rule.since}. {fix}\n\n"
        f"{rule.documentation()}\n"
    )


def record(rule: type[Rule]) -> dict[str, object]:
    """Return a rule as a JSON object."""
    return {
        "name": rule.name,
        "code": rule.code,
        "family": rule.family(),
        "severity": rule.severity,
        "category": rule.category,
        "recommendedSeverity": rule.recommended_severity or rule.severity,
        "since": rule.since,
        "edition": rule.edition,
        "onDemand": rule.on_demand,
        "scope": rule.scope,
        "fixable": rule.fixable,
        "documentation": rule.documentation(),
    }


def pages() -> dict[str, str]:
    """Return every page by file name, ``README.md`` as their index."""
    index = [
        "# Rules\n\nWritten by `convexity rules --pages docs/rules`. "
        "[What the rules detect](../detection.md) says how each of them was tried.\n"
    ]
    for family, title in _FAMILIES.items():
        index.append(f"\n## {title}\n\n| Code | Rule | Severity | Fix |\n|---|---|---|---|\n")
        for rule in all_rules():
            if rule.family() == family:
                fix = "yes" if rule.fixable else ""
                row = (rule.code, f"[{rule.name}]({rule.name}.md)", rule.severity, fix)
                index.append(f"| {' | '.join(row)} |\n".replace("|  |", "| |"))
    index.append(
        "\n## Left out\n\nThese were considered.\n\n| Code | Rule | Why not |\n|---|---|---|\n"
    )
    index += [f"| {entry.code} | {entry.name} | {entry.why} |\n" for entry in LEFT_OUT]
    return {"README.md": "".join(index)} | {f"{rule.name}.md": page(rule) for rule in all_rules()}


def write_pages(folder: Path) -> None:
    """Write all pages into ``folder``, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
