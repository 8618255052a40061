"""Makes the bar that moves on the last line of a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn
from rich.table import Column


def make_bar(console: Console, bar_from_width: int) -> Progress:
    """Makes a bar with percent and a message; a console that is narrower has no room for the bar itself."""
    # Cropped and not shortened with an ellipsis, which not every encoding has.
    message = TextColumn(
        "{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="crop")
    )
    columns: list[ProgressColumn] = [TaskProgressColumn(), message]
    if console.width >= bar_from_width:
        columns.insert(0, BarColumn(bar_width=bar_from_width // 3))
    return Progress(*columns, console=console, transient=True, expand=True)
