"""Finds what stands below what: headings, bold lines and bullets with bullets, rows or a line of fields under them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from headwater.synthesis.project.parsing import spellings
from headwater.synthesis.project.parsing.clauses import Piece, pieces
from headwater.synthesis.project.parsing.draft import word_key
from headwater.synthesis.project.parsing.kinds import guessed
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.values import FLAGS
from headwater.synthesis.project.spec import FieldType

ITEM = re.compile(
    r"(?P<indent>[ \t]*)(?P<mark>#{1,6}[ \t]+|#(?=\w)|[-*•+][ \t]+(?:\[[ xX]\][ \t]+)?|\d+[.)][ \t]+)?"
    r"(?P<text>[^\n]*)"
)
NAME = re.compile(
    r"(?:\d+(?:\.\d+)*[.)]?\s+)?(?:\*\*|__|`)?(?P<name>[^\W\d_][\w -]{0,59}?)\s*:?"
    r"(?:\*\*|__|`)?\s*:?(?:(?<=\*\*)\s*[–—-]\s+[^\n]*)?"
)
CELL = re.compile(r"\s*\|\s*")
RULE = re.compile(r"[\s:|-]+")
YES = words("yes y x true ✓ ✔ required unique")
HEADS = words("field column attribute property value data member detail parameter information")
"""Words over a list of fields that name no thing themselves."""
LABEL = re.compile(r"(?:\*\*|__)?(?P<name>[^\W\d_]\w*(?: \w+)?)(?:\*\*|__)?\s*(?::(?:\*\*|__)?\s*(?P<rest>.*))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of a text: how deep it stands, what it is, and its words."""

    text: str
    start: int
    depth: int
    bullet: bool = False
    heading: bool = False

    @property
    def piece(self) -> Piece:
        """The words of the line and their place."""
        return Piece(text=self.text, start=self.start, end=self.start + len(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A name and what stands below it; `headed` says that a mark, a colon or bold letters make it a heading."""

    name: str
    start: int
    members: tuple[Piece, ...]
    headed: bool


def blocks(text: str) -> Iterator[Block]:
    """Yields the names of a text that have a list below them, in their order."""
    items = [_item(line, start) for line, start in _lines(text)]
    for at, item in enumerate(items):
        found = NAME.fullmatch(item.text)
        if found is None:
            continue
        headed = item.heading or item.text.endswith(":") or item.text.startswith(("**", "__"))
        members = _below(items, at, headed=headed)
        if not members and item.heading:
            headed, members = False, _below(items, _told(items, at), headed=True)
        if members:
            yield Block(
                name=found["name"].strip(), start=item.start + found.start("name"), members=members, headed=headed
            )


def _told(items: Sequence[Item], at: int) -> int:
    """Returns the last line of the sentences between a heading and its list."""
    last = at
    for below in range(at + 1, len(items)):
        each = items[below]
        if each.heading or each.bullet or each.text.startswith("|"):
            break
        last = below if each.text else last
    return last


def _lines(text: str) -> Iterator[tuple[str, int]]:
    at = 0
    for line in text.split("\n"):
        yield line, at
        at += len(line) + 1


def _item(line: str, start: int) -> Item:
    found = ITEM.match(line)
    mark = (found["mark"] or "") if found else ""
    said = found["text"].rstrip(" \t") if found else ""
    heading = mark.startswith("#")
    depth = len(found["indent"].expandtabs(4)) if found else 0
    place = start + (found.start("text") if found else 0)
    return Item(text=said, start=place, depth=depth, bullet=bool(mark) and not heading, heading=heading)


def _below(items: Sequence[Item], at: int, *, headed: bool) -> tuple[Piece, ...]:
    """Returns the members of a list below a line; nothing where they are headings of their own."""
    owner = items[at]
    below = at + 1
    while headed and below < len(items) and not items[below].text:
        below += 1
    label = LABEL.match(items[below].text) if below < len(items) and not items[below].heading else None
    if label and word_key(label["name"]) in HEADS:
        if label["rest"]:
            return tuple(pieces(label["rest"], items[below].start + label.start("rest")))
        owner, below = (items[below] if items[below].bullet else owner), below + 1
        while below < len(items) and not items[below].text:
            below += 1
    if below >= len(items):
        return ()
    if items[below].text.startswith("|"):
        return _rows(items[below:])
    if not items[below].bullet or (owner.bullet and items[below].depth <= owner.depth):
        return ()
    return _bullets(items[below:])


def _bullets(items: Sequence[Item]) -> tuple[Piece, ...]:
    depth = items[0].depth
    found: list[tuple[Piece, list[str]]] = []
    for each in items:
        if not each.text or not each.bullet or each.depth < depth:
            break
        if each.depth == depth:
            found.append((each.piece, []))
        else:
            found[-1][1].append(each.text)
            found[-1] = (replace(found[-1][0], end=each.start + len(each.text)), found[-1][1])
    joined = [_joined(piece, below) for piece, below in found]
    return tuple(each for each in joined if each) if all(joined) else ()


def _joined(piece: Piece, below: Sequence[str]) -> Piece | None:
    """Returns a bullet with the ones below it: choices or what else is said of a field; nothing for another heading."""
    if not below:
        return piece
    name = piece.text.rstrip(" :")
    if guessed(name) is FieldType.ENUM and (values := spellings.choices(", ".join(below))):
        return replace(piece, text=spellings.choices_of(name, values))
    told = [each for each in below if {*re.findall(r"\w+", each.lower())} & spellings.NO_CHOICE]
    return replace(piece, text=f"{name}: {', '.join(told)}") if len(told) == len(below) else None


def _rows(items: Sequence[Item]) -> tuple[Piece, ...]:
    """Returns the rows of a table of fields: the name, and what the other columns say."""
    found: list[Piece] = []
    heads: list[str] = []
    for each in items:
        if not each.text.startswith("|"):
            break
        if RULE.fullmatch(each.text):
            continue
        name, *rest = CELL.split(each.text.strip().removeprefix("|").removesuffix("|").strip())
        if not heads:
            heads = [word_key(cell) for cell in rest]
            if word_key(name) not in HEADS | {"name"}:
                return ()
            continue
        said = [told for head, cell in zip(heads, rest, strict=False) if (told := told_in(head, cell))]
        found.append(replace(each.piece, text=f"{name}: {', '.join(said)}" if said else name))
    return tuple(found)


def told_in(head: str, cell: str) -> str:
    """Returns what a cell says of a field: below "required" a yes is "required" and a no is nothing."""
    if head in FLAGS:
        return head if cell.lower() in YES else ""
    return "" if cell.lower() in {"enum", "-", "–"} else cell
