"""Tables of results, printed as Markdown."""

from __future__ import annotations


class Table:
    """A titled table; the first column is left-aligned, the others right."""

    def __init__(self, title: str, columns: tuple[str, ...]) -> None:
        self.title = title
        self.columns = columns
        self.rows: list[tuple[str, ...]] = []

    def add(self, *cells: str) -> None:
        """Add a row; raise ValueError when it does not fit the columns."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(cells)

    def __str__(self) -> str:
        rows = [self.columns, *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.columns))]
        marks = tuple(
            "-" * widths[0] if not i else "-" * (w - 1) + ":" for i, w in enumerate(widths)
        )
        lines = [
            "| " + " | ".join(self.align(cell, widths[i], i) for i, cell in enumerate(row)) + " |"
            for row in (self.columns, marks, *self.rows)
        ]
        return "\n".join([f"**{self.title}**", "", *lines])

    @staticmethod
    def align(cell: str, width: int, column: int) -> str:
        """Pad a cell to its column."""
        return cell.rjust(width) if column else cell.ljust(width)
