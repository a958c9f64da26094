"""Rules of the catalogue that are not here, and why."""

from __future__ import annotations

from typing import Final, NamedTuple


class LeftOut(NamedTuple):
    """A rule of the catalogue that does not exist."""

    code: str
    """Code in the catalogue."""
    name: str
    why: str
    """One sentence or more, as Markdown."""


LEFT_OUT: Final = (
    LeftOut(
        "PRJ018",
        "too-many-modules",
        "The limit is one of Convex's service; we have none.",
    ),
    LeftOut(
        "FUN014",
        "wrong-registrar-import",
        "Only `_generated.server` exports registrars.",
    ),
    LeftOut(
        "FUN016",
        "non-function-registration",
        "`conditional-registration` reports it.",
    ),
    LeftOut(
        "FUN019",
        "public-only-used-internally",
        "Clients outside of the project cannot be seen.",
    ),
    LeftOut(
        "FUN022",
        "raw-registrar",
        "Which wrapper a module should use is for the project to say.",
    ),
    LeftOut(
        "VAL013",
        "circular-validator",
        "`unresolvable-definition` and `import-cycle` report it.",
    ),
    LeftOut(
        "VAL017",
        "duplicate-key",
        "ruff reports it (`F601`).",
    ),
    LeftOut(
        "SCH007",
        "hot-field-on-stable-table",
        "How often a field is written cannot be told from its name.",
    ),
    LeftOut(
        "SCH009",
        "wrong-schema-import",
        "Only `convexity.server` exports these names.",
    ),
    LeftOut(
        "SCH011",
        "breaking-schema-change",
        "It takes the schema of another version to compare with.",
    ),
    LeftOut(
        "SCH012",
        "too-many-tables",
        "A schema of 10,000 tables is computed, and too large to be evaluated.",
    ),
    LeftOut(
        "QRY010",
        "reused-query",
        "Queries can be run again here.",
    ),
    LeftOut(
        "QRY015",
        "query-per-row",
        "Reads of a transaction are local; which of them matter a measurement tells.",
    ),
    LeftOut(
        "QRY022",
        "full-scan-index",
        "`unbounded-collect` reports an index without a range too.",
    ),
    LeftOut(
        "QRY023",
        "filter-in-python-after-collect",
        "`unbounded-collect` reports the query; to filter a bounded one is fine.",
    ),
    LeftOut(
        "DBW007",
        "implicit-table-id",
        "`ctx.db.get` takes an id alone, which knows its table.",
    ),
    LeftOut(
        "DBW014",
        "hot-document-counter",
        "How often a document is written cannot be seen.",
    ),
    LeftOut(
        "CTX010",
        "untyped-ctx",
        "Strict type checkers ask for the annotation; `helper-capability-mismatch` reports what a "
        "missing one hides.",
    ),
    LeftOut(
        "CTX012",
        "escaping-ctx",
        "A context that is stored fails at its next use, with an error that says so; which "
        "stores outlive the call cannot be told from the source.",
    ),
    LeftOut(
        "CTX013",
        "missing-native-marker",
        'Modules are not marked: `@action(runtime="process")` moves one action, and '
        "`blocking-call` proposes it.",
    ),
    LeftOut(
        "CTX014",
        "native-module-with-queries",
        "Modules are not marked; queries and mutations take no `runtime`.",
    ),
    LeftOut(
        "CTX015",
        "native-import-from-sandbox",
        "There is no sandbox, and every module may import every other one.",
    ),
    LeftOut(
        "REF009",
        "sequential-transactions",
        "Whether two calls should see one state cannot be told from the source.",
    ),
    LeftOut(
        "REF014",
        "wrong-api-import",
        "Only `_generated.api` exports these names.",
    ),
    LeftOut(
        "REF015",
        "component-path-without-module",
        "`unknown-reference` reports it, with the path that has the module.",
    ),
    LeftOut(
        "REF016",
        "unannotated-same-module-result",
        "Generated types do not depend on each other in a circle.",
    ),
    LeftOut(
        "DET006",
        "naive-datetime",
        "ruff's `DTZ` finds naive datetimes everywhere; those that would fail here are found "
        "by `non-convex-value` and `invalid-delay`.",
    ),
    LeftOut(
        "WFL006",
        "unstable-step-order",
        "What decides the order of steps is rarely visible; `nondeterminism-in-workflow` "
        "finds the clock, chance and the environment wherever a workflow reads them.",
    ),
    LeftOut(
        "WFL012",
        "large-step-payload",
        "How large a value gets is not visible; the limit is checked when a step ends.",
    ),
    LeftOut(
        "WFL013",
        "parallelism-conflict",
        "The options of the component are not final.",
    ),
    LeftOut(
        "WFL014",
        "workflow-never-cleaned",
        "Whether finished workflows should be kept is a decision that no source shows.",
    ),
    LeftOut(
        "WFL016",
        "workflow-shape-changed",
        "It compares with a file of recorded steps, which comes with the workflow component.",
    ),
    LeftOut(
        "AGT003",
        "embedding-in-mutation",
        "Our agents skip embeddings in mutations by themselves, and make them later.",
    ),
    LeftOut(
        "AGT008",
        "component-id-as-table-id",
        '`unknown-table-id` finds `v.id("threads")` where the schema has no such table.',
    ),
    LeftOut(
        "AGT009",
        "inline-model-key",
        "`hardcoded-secret` finds keys in the source, `env-read-at-import` those that are "
        "read when the module is imported.",
    ),
    LeftOut(
        "HTT008",
        "unvalidated-body",
        "Which of the many ways to check a body were enough cannot be told from the source.",
    ),
    LeftOut(
        "CRN010",
        "schedule-in-loop",
        "The limit is checked when the mutation runs, and names itself.",
    ),
    LeftOut(
        "CRN011",
        "crons-outside-crons-file",
        "`misnamed-special-file` finds `cron_jobs()` in other modules.",
    ),
    LeftOut(
        "STO004",
        "untyped-storage-id",
        "`str-for-id` finds text that is given to the storage as the id of a file.",
    ),
    LeftOut(
        "SEC002",
        "spoofable-identity-argument",
        "An argument called `user_id` is as often the user who is looked at as the one who asks.",
    ),
    LeftOut(
        "SEC005",
        "secret-returned",
        "Which of the declared variables are secret cannot be seen.",
    ),
    LeftOut(
        "SEC007",
        "auth-without-config",
        "Projects without auth_config.py may sign in with the admin key or in tests only; the "
        "backend says at start that it knows no provider.",
    ),
    LeftOut(
        "SEC010",
        "raw-sql",
        "Actions may talk to other databases; in queries and mutations `network-in-"
        "transaction` and `blocking-call` find their clients.",
    ),
    LeftOut(
        "ENV005",
        "undeclared-dependency",
        "`unresolved-import` finds packages that are neither installed nor required; which "
        "packages come with others can be told from an installation only.",
    ),
    LeftOut(
        "TYP007",
        "untyped-empty-collection",
        "Type checkers infer what is added, and report where they cannot.",
    ),
    LeftOut(
        "TYP008",
        "widened-literal",
        "Type checkers report it where the value is used.",
    ),
    LeftOut(
        "GEN004",
        "generated-by-other-version",
        "Generated files do not name the version that wrote them, so that a new version which "
        "writes the same changes nothing.",
    ),
    LeftOut(
        "SUP006",
        "invalid-config",
        "Settings that cannot be used end every command with exit code 2; machine formats report "
        "it by this name and code.",
    ),
)
"""By family, in the order of the catalogue."""
