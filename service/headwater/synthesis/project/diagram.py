"""Draws the entities and relations of a schema, as Mermaid text and as an SVG; the same schema gives the same bytes.

Everything drawn is a name of the schema, so that no text of a person reaches the drawing; it is escaped all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from headwater.synthesis.project.schema import ForeignKey, Schema, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The measures of the drawing, in pixels."""

    width: int = 240
    row: int = 20
    head: int = 28
    across: int = 110
    down: int = 36
    margin: int = 24
    columns: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    table: Table
    x: int
    y: int
    height: int


def mermaid(schema: Schema) -> str:
    """Returns an `erDiagram` of all tables."""
    lines = ["erDiagram"]
    for table in schema.tables:
        keys = {each.column for each in table.foreign_keys}
        unique = {each.columns[0] for each in table.uniques if len(each.columns) == 1}
        lines.append(f"    {table.name} {{")
        for column in table.columns:
            marks = [
                mark
                for mark, holds in (
                    ("PK", column.name in table.primary_key),
                    ("FK", column.name in keys),
                    ("UK", column.name in unique),
                )
                if holds
            ]
            lines.append(f"        {column.type} {column.name} {', '.join(marks)}".rstrip())
        lines.append("    }")
    for table in schema.tables:
        for key in table.foreign_keys:
            one = "|o" if table.column(key.column).nullable else "||"
            many = "o|" if _is_single(table, key) else "o{"
            lines.append(f"    {key.table} {one}--{many} {table.name} : {key.column.removesuffix('_id')}")
    return "\n".join(lines) + "\n"


def svg(schema: Schema, title: str, style: Style | None = None) -> str:
    """Returns a drawing: a box for each table, those that need others to the right of them, a line for each key."""
    known = style or Style()
    boxes = _laid(schema, known)
    width = max((box.x + known.width for box in boxes.values()), default=0) + known.margin
    height = max((box.y + box.height for box in boxes.values()), default=0) + known.margin
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'role="img" aria-labelledby="t d" font-family="ui-monospace, monospace" font-size="12">'
        ),
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{len(schema.tables)} tables: {escape(", ".join(each.name for each in schema.tables))}</desc>',
        (
            "<style>.b{fill:#fff;stroke:#445}.h{fill:#dde6f2;stroke:#445}.l{fill:none;stroke:#667}"
            ".o{stroke-dasharray:4 3}text{fill:#112}.n{font-weight:bold}</style>"
        ),
    ]
    for table in schema.tables:
        lines += [_line(boxes, table, key, known) for key in table.foreign_keys]
    for box in boxes.values():
        lines += _drawn(box, known)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _is_single(table: Table, key: ForeignKey) -> bool:
    return any(each.columns == (key.column,) for each in table.uniques)


def _laid(schema: Schema, style: Style) -> Mapping[str, _Box]:
    """Places each table in the column behind those that it needs, below the others there."""
    levels: dict[str, int] = {}
    for table in schema.tables:
        before = [levels[each.table] for each in table.foreign_keys if each.table in levels]
        levels[table.name] = min(max(before, default=-1) + 1, style.columns - 1)
    used = [style.margin] * style.columns
    boxes: dict[str, _Box] = {}
    for table in schema.tables:
        column = levels[table.name]
        height = style.head + style.row * len(table.columns)
        x = style.margin + column * (style.width + style.across)
        boxes[table.name] = _Box(table=table, x=x, y=used[column], height=height)
        used[column] += height + style.down
    return boxes


def _drawn(box: _Box, style: Style) -> Sequence[str]:
    found = [
        f'<rect class="b" x="{box.x}" y="{box.y}" width="{style.width}" height="{box.height}"/>',
        f'<rect class="h" x="{box.x}" y="{box.y}" width="{style.width}" height="{style.head}"/>',
        f'<text class="n" x="{box.x + 8}" y="{box.y + style.head - 9}">{escape(box.table.name)}</text>',
    ]
    for at, column in enumerate(box.table.columns):
        y = box.y + style.head + style.row * (at + 1) - 6
        mark = "" if column.nullable else "*"
        found.append(f'<text x="{box.x + 8}" y="{y}">{escape(column.name)}{mark}</text>')
        found.append(f'<text x="{box.x + style.width - 8}" y="{y}" text-anchor="end">{column.type}</text>')
    return found


def _line(boxes: Mapping[str, _Box], table: Table, key: ForeignKey, style: Style) -> str:
    """Draws a key from its column to the head of the table that it points at, with a crow's foot where many stand."""
    here, there = boxes[table.name], boxes[key.table]
    at = next(number for number, each in enumerate(table.columns) if each.name == key.column)
    y = here.y + style.head + style.row * at + style.row // 2
    end_y = there.y + style.head // 2
    right = there.x >= here.x
    x = here.x + style.width if right and there is not here else here.x
    end_x = there.x if right and there is not here and there.x > here.x else there.x + style.width
    side = 1 if x > here.x else -1
    bend = style.across // 2
    many = "" if _is_single(table, key) else f" M{x} {y - 5} L{x + side * 9} {y} L{x} {y + 5}"
    style_of = "l o" if table.column(key.column).nullable else "l"
    turn = end_x + (bend if end_x > there.x else -bend)
    return (
        f'<path class="{style_of}" d="M{x} {y} C{x + side * bend} {y} {turn} {end_y} {end_x} {end_y}{many}">'
        f"<title>{escape(key.name)}</title></path>"
    )
