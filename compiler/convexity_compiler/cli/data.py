"""``convexity data``: shows, exports, imports and deletes documents of a running backend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from convexity_compiler.cli.backend_options import administered, backend_options
from convexity_compiler.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convexity_compiler.cli.backend_options import Administered

_PURPOSE = "documents"
_PAGE = 100
_WIDEST = 40
"""Characters of a cell of a table on a terminal."""
_FORMATS = {".zip": "zip", ".jsonl": "jsonl", ".json": "json", ".csv": "csv"}
_MODES = {"append": "append", "replace": "replace", "replace_all": "replaceAll"}


class _TablesAndCommands(click.Group):
    """A group whose commands may also be names of tables, which are shown."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show tables unless a command of the group, or its help, is asked for."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = [_SHOW, *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List what can be done with a table too."""
        with formatter.section("Tables"):
            formatter.write_dl(
                [
                    ("(no name)", "List the tables with their numbers of documents."),
                    ("TABLE", "Show documents; `convexity data show --help` lists the options."),
                ]
            )
        super().format_commands(ctx, formatter)


_SHOW = "show"
_component_option = click.option(
    "--component",
    default="",
    metavar="PATH",
    help="The component that has the table, as it is mounted: `likes`, `outer/inner`.",
)


@click.group("data", cls=_TablesAndCommands)
def command() -> None:
    """Show, export, import and delete documents of a running backend.

    `convexity data` lists the tables, `convexity data TABLE` shows documents.
    """


@command.command(_SHOW)
@click.argument("table", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 8192), default=100, show_default=True, help="Most documents."
)
@click.option(
    "--order",
    type=click.Choice(("asc", "desc")),
    default="desc",
    show_default=True,
    help="Oldest or newest first.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(("table", "json", "jsonl")),
    default="table",
    show_default=True,
    help="`json` and `jsonl` show values in the encoded form, which is exact.",
)
@_component_option
@backend_options
def show(
    table: str | None,
    limit: int,
    order: str,
    output_format: str,
    component: str,
    project: Path | None,
    url: str | None,
    admin_key: str | None,
) -> None:
    """Show documents of TABLE, a system table too; without one, list the tables."""
    backend = administered(project, url, admin_key, purpose=_PURPOSE)
    if table is None:
        _list_tables(backend, component)
        return
    documents = list(
        _documents(backend, component, table, order, limit, exact=output_format != "table")
    )
    if output_format == "json":
        click.echo(json.dumps(documents, indent=2, ensure_ascii=False))
    elif output_format == "jsonl":
        for document in documents:
            click.echo(json.dumps(document, ensure_ascii=False))
    elif documents:
        click.echo(_grid(documents))
    else:
        click.echo(f"There are no documents in {table}.", err=True)


@command.command("export")
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    required=True,
    help="The zip file to write, or a folder for it.",
)
@click.option("--table", help="Export this table only.")
@_component_option
@backend_options
def export_data(
    path: Path,
    table: str | None,
    component: str,
    project: Path | None,
    url: str | None,
    admin_key: str | None,
) -> None:
    """Write all documents into a zip file: one state of the database, exactly.

    Those of components are part of it.

    `convexity data import` reads it back, with ids and creation times.
    """
    from urllib.parse import urlencode

    from convexity_compiler.cli import remote

    if component and table is None:
        raise CommandError(
            f"all of component {component} cannot be exported alone",
            help_text="name one of its tables with --table, or export everything",
        )
    backend = administered(project, url, admin_key, purpose=_PURPOSE)
    if path.is_dir():
        path /= "documents.zip"
    wanted = {"tableName": table, "componentPath": component}
    query = urlencode({name: value for name, value in wanted.items() if value})
    size = remote.download(backend.url, backend.key, f"api/export/zip?{query}", path)
    click.echo(f"Wrote {path}, {size:,} bytes.", err=True)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("superfluous", nargs=-1, metavar="")
@click.option("--table", help="Where the documents of a JSON or CSV file belong.")
@click.option("--append", "mode", flag_value="append", help="Keep the documents that are there.")
@click.option(
    "--replace", "mode", flag_value="replace", help="Delete those of the imported tables."
)
@click.option("--replace-all", "mode", flag_value="replace_all", help="Delete those of all tables.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(tuple(_FORMATS.values())),
    help="What the file is; by default, as its name ends.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask before documents are deleted.")
@_component_option
@backend_options
def import_data(
    file: Path,
    superfluous: tuple[str, ...],
    table: str | None,
    component: str,
    mode: str | None,
    file_format: str | None,
    yes: bool,
    project: Path | None,
    url: str | None,
    admin_key: str | None,
) -> None:
    """Import FILE: a zip file of `convexity data export`, or documents of one table.

    All documents are checked first; then all are written in one transaction, or none. Without
    --append, --replace or --replace-all, the tables must be empty. JSON files hold an array of
    documents, jsonl files one per line; the first line of CSV names the fields.
    """
    from urllib.parse import urlencode

    from convexity_compiler.cli import remote

    _require_one_file(file, superfluous, table)
    chosen = file_format or _FORMATS.get(file.suffix.lower())
    if chosen is None:
        raise CommandError(
            f"{file} may be of any format",
            help_text="name it with --format zip, jsonl, json or csv",
        )
    if chosen == "zip" and component:
        raise CommandError(
            "a zip file says itself which components its documents belong to",
            help_text="leave --component out",
        )
    if chosen != "zip" and table is None:
        raise CommandError(
            "where do the documents belong?", help_text="name the table with --table"
        )
    backend = administered(project, url, admin_key, purpose=_PURPOSE)
    if mode in ("replace", "replace_all") and not yes:
        what = "all tables" if mode == "replace_all" else "the imported tables"
        click.confirm(f"Delete the documents of {what} at {backend.url}?", abort=True, err=True)
    query = {"format": chosen, "mode": _MODES.get(mode or "", "requireEmpty")}
    if table is not None and chosen != "zip":
        query |= {"tableName": table, "componentPath": component}
    answer = remote.upload(backend.url, backend.key, f"api/import?{urlencode(query)}", file)
    deleted = f", deleted {answer['numDeleted']:,}" if answer["numDeleted"] else ""
    click.echo(f"Imported {answer['numWritten']:,} documents{deleted}.", err=True)


@command.command("delete")
@click.argument("names", nargs=-1, required=True, metavar="TABLE...")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@backend_options
def delete_data(
    names: tuple[str, ...], yes: bool, project: Path | None, url: str | None, admin_key: str | None
) -> None:
    """Delete the documents of tables that are not in the schema any more, for good.

    `convexity data` lists them. `likes/events` is a table of a component, and `likes/` all that a
    component had, with its files, once it is not mounted any more.
    """
    from convexity_compiler.cli import remote

    backend = administered(project, url, admin_key, purpose=_PURPOSE)
    bodies: list[dict[str, Any]] = []
    for name in names:
        component, _, table = name.rpartition("/")
        bodies.append({"componentId": component, **({"tableNames": [table]} if table else {})})
    for body in bodies:
        # Refused before anybody is asked, and before anything is deleted.
        remote.post(backend.url, backend.key, "api/count_removed", body)
    if not yes:
        what = ", ".join(names)
        click.confirm(f"Delete {what} at {backend.url} for good?", abort=True, err=True)
    deleted = 0
    for body in bodies:
        endpoint = "delete_tables" if "tableNames" in body else "delete_component"
        answer = remote.post(backend.url, backend.key, f"api/{endpoint}", body)
        deleted += json.loads(answer)["numDeleted"]
    click.echo(f"Deleted {deleted:,} documents.", err=True)


def _require_one_file(file: Path, superfluous: Sequence[str], table: str | None) -> None:
    """Refuse anything but a file, and say what was meant where it can be told."""
    is_file = file.is_file()
    if is_file and not superfluous:
        return
    meant = _meant_command([str(file), *superfluous, *([table] if table else [])])
    if is_file:
        raise CommandError(
            f"what is {superfluous[0]} to mean?",
            help_text=meant or "import one file at a time, and name the table with --table",
        )
    help_text = meant or "name a file of `convexity data export`, or a .csv, .json or .jsonl file"
    if file.is_dir():
        raise CommandError(f"{file} is a folder", help_text=help_text)
    raise CommandError(f"there is no file {file}", help_text=help_text)


def _meant_command(names: Sequence[str]) -> str | None:
    """What to write where one of two names is that of a file, and so the other that of a table."""
    files = [name for name in names if Path(name).is_file()]
    if len(names) != 2 or len(files) != 1:
        return None
    other = names[1 - names.index(files[0])]
    return f"write `convexity data import {files[0]} --table {other}`"


def _list_tables(backend: Administered, component: str) -> None:
    from urllib.parse import urlencode

    from convexity_compiler.cli import remote

    query = f"?{urlencode({'componentPath': component})}" if component else ""
    path = f"api/table_sizes{query}"
    answer = remote.get(backend.url, backend.key, path)
    sizes: dict[str, int] = answer["tables"]
    removed: dict[str, int] = answer["removedTables"]
    if not sizes:
        click.echo("The schema has no tables.", err=True)
    width = max(map(len, (*sizes, *removed)), default=0)
    for name, size in sizes.items():
        click.echo(f"{name:<{width}}  {size:>10,}")
    for name, size in removed.items():
        click.echo(f"{name:<{width}}  {size:>10,}  not in the schema")


def _documents(
    backend: Administered, component: str, table: str, order: str, limit: int, *, exact: bool
) -> Iterator[dict[str, Any]]:
    from convexity_compiler.cli import remote

    cursor: str | None = None
    left = limit
    while left > 0:
        options = {"numItems": min(left, _PAGE), "cursor": cursor}
        outcome = remote.call(
            backend.url,
            backend.key,
            "_system/cli/tableData",
            {"table": table, "order": order, "paginationOpts": options},
            value_format="convex_encoded_json" if exact else "json",
            component=component,
        )
        if outcome.error is not None:
            reason = outcome.error.partition("\n")[2].splitlines()[0]
            raise CommandError(reason.removeprefix("Uncaught ValueError: "))
        yield from outcome.value["page"]
        left -= len(outcome.value["page"])
        cursor = outcome.value["continueCursor"]
        if outcome.value["isDone"]:
            return


def _grid(documents: Sequence[dict[str, Any]]) -> str:
    """Documents as a table: ids first, creation times last, as wide as what they hold."""
    names = dict.fromkeys(name for document in documents for name in document)
    own = [name for name in names if not name.startswith("_")]
    columns = ["_id", *own, "_creationTime"]
    rows = [columns, *([_cell(document, name) for name in columns] for document in documents)]
    widths = [max(len(row[position]) for row in rows) for position in range(len(columns))]
    lines = [
        "  ".join(f"{cell:<{widths[i]}}" for i, cell in enumerate(row)).rstrip() for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _cell(document: dict[str, Any], name: str) -> str:
    if name not in document:
        return ""
    value = document[name]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    printable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: _WIDEST + 1])
    is_id = name == "_id"
    return printable if is_id or len(printable) <= _WIDEST else f"{printable[: _WIDEST - 1]}…"
