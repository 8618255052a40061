"""Reads tables of who may do what: roles against things, either way round, or acts with a mark below each role."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.acts import ACTS, MANAGE
from headwater.synthesis.project.parsing.draft import Draft, Grant, stated, word_key
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.statements import Statement, statement
from headwater.synthesis.project.parsing.tagging import verb_base
from headwater.synthesis.project.spec import Action, Origin, Scope

TABLE = re.compile(r"(?:^[ \t]*\|[^\n]*\|[ \t]*(?:\n|\Z)){3,}", re.MULTILINE)
RULE = re.compile(r"[\s:|-]+")
MARK = re.compile(r"[*_`]|<br\s*/?>")
LETTERS = dict(zip("crud", Action, strict=True))
ALL = MANAGE | words("all full everything anything yes y x true ✓ ✔ ✅ crud *")
NOTHING = words("none no n false nothing - – — ✗ ✘ ❌ × denied")
OWNING = words("own their theirs mine my self his her assigned")
IDLE = words("only access rows row and the a an all any of to permission permissions can may")
ROLES = words("role user actor who group persona")
THINGS = words("entity resource object thing model table")
MOST = 6
"""A cell of more words says something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: its cells and where it stands."""

    cells: tuple[str, ...]
    start: int
    end: int


def read(text: str, draft: Draft) -> tuple[str, tuple[Statement, ...]]:
    """Adds what tables grant; returns the text with blanks in their place and the sentences that marks stand for."""
    said: list[Statement] = []
    for match in TABLE.finditer(text):
        head, *rows = _rows(match)
        cells = [each for row in rows for each in row.cells[1:]]
        if not rows or any(len(row.cells) != len(head.cells) for row in rows) or not _speaks(cells):
            continue
        if verb_base(rows[0].cells[0].split()[0].lower()):
            said += _sentences(head, rows)
        else:
            _grant(draft, head, rows)
        text = text[: match.start()] + re.sub(r"[^\n]", " ", match[0]) + text[match.end() :]
    return text, tuple(said)


def granted(draft: Draft, given: Mapping[str, Mapping[str, str]], origin: Origin) -> None:
    """Adds what a mapping of roles to things to words such as "create, read own" grants; or of things to roles."""
    for outer, inner in given.items():
        for name, cell in inner.items():
            role, noun = (name, outer) if draft.find(outer) is not None else (outer, name)
            scopes = scopes_of(cell)
            if scopes is not None:
                draft.roles.setdefault(word_key(role), origin)
                draft.grants.append(Grant(role=word_key(role), noun=noun, scopes=scopes, origin=origin))


def scopes_of(cell: str) -> Mapping[Action, Scope] | None:
    """Returns what a cell grants, everything else refused; nothing for a cell that says something else."""
    found = dict.fromkeys(Action, Scope.NONE)
    for part in re.split(r"[,;/+&]|\band\b", MARK.sub("", cell.lower())):
        said = re.findall(r"[^\s()\[\]]+", part)
        own = Scope.OWN if OWNING & {*said} else Scope.ALL
        told = [each for each in said if each not in OWNING]
        acting = [each for each in told if each not in IDLE] or told or (["all"] if own is Scope.OWN else [])
        if len(said) > MOST or any(_actions(each) is None for each in acting):
            return None
        found |= {action: own for each in acting for action in _actions(each) or ()}
    return found


def _actions(word: str) -> tuple[Action, ...] | None:
    if word in ALL:
        return tuple(Action)
    if word in NOTHING:
        return ()
    if re.fullmatch(r"[crud]{1,4}", word) and len({*word}) == len(word):
        return tuple(LETTERS[each] for each in word)
    return next(((action,) for action, verbs in ACTS.items() if verb_base(word) in verbs), None)


def _rows(match: re.Match[str]) -> Iterator[Row]:
    for line in re.finditer(r"[^\n]+", match[0]):
        if not RULE.fullmatch(line[0]):
            cells = tuple(each.strip() for each in line[0].strip().strip("|").split("|"))
            yield Row(cells=cells, start=match.start() + line.start(), end=match.start() + line.end())


def _speaks(cells: Sequence[str]) -> bool:
    """Whether all cells say what may be done, and one of them that something may."""
    found = [scopes_of(each) for each in cells]
    return None not in found and any(each and {*each.values()} - {Scope.NONE} for each in found)


def _grant(draft: Draft, head: Row, rows: Sequence[Row]) -> None:
    corner = word_key(MARK.sub("", head.cells[0]).strip() or "-").split()[-1]
    people = corner in ROLES or (
        corner not in THINGS and all(nouns.acts_like_person(word_key(row.cells[0])) for row in rows)
    )
    for row in rows:
        origin = stated("a table says who may", row.start, row.end)
        for name, cell in zip(head.cells[1:], row.cells[1:], strict=True):
            role, noun = (
                MARK.sub("", each).strip() for each in ((row.cells[0], name) if people else (name, row.cells[0]))
            )
            draft.roles.setdefault(word_key(role), origin)
            scopes = scopes_of(cell) or {}
            draft.grants.append(Grant(role=word_key(role), noun=noun, scopes=scopes, origin=origin))


def _sentences(head: Row, rows: Sequence[Row]) -> Iterator[Statement]:
    """Yields what a mark below a role says of the act in front: "editors can publish posts"."""
    for row in rows:
        act = MARK.sub("", row.cells[0]).strip()
        for role, cell in zip(head.cells[1:], row.cells[1:], strict=True):
            scopes = {*(scopes_of(cell) or {}).values()}
            may = "can" if scopes - {Scope.NONE} else "cannot"
            own = " of their own" if Scope.OWN in scopes else ""
            yield statement(f"{MARK.sub('', role).strip()} {may} {act[:1].lower()}{act[1:]}{own}", row.start)
