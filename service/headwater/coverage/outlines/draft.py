"""Gathers what a reader finds in a file, and makes the outline of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from headwater.coverage.calls.risks import Knowledge, knowledge
from headwater.coverage.outline import MODULE, Call, Decision, Outline, Parameter, Symbol

CONDITION_CHARS = 400
"""A condition is cut after so many characters."""
NAME_CHARS = 400
"""The end of a longer name stands for it: of what is nested deeper than anybody would."""
SCOPES = 50
"""So many functions around a variable are asked for its class."""
BARE_FIELDS = frozenset({"java", "c_sharp"})
"""Languages in which a method names the attributes of its object without the object."""
SELF = frozenset({"self", "cls", "this", "base"})
"""What a method calls its own object or class."""


def on_one_line(text: str) -> str:
    """Returns the text of a condition with every run of blanks as one, and not longer than is shown."""
    return " ".join(text[: 2 * CONDITION_CHARS].split())[:CONDITION_CHARS]


@dataclass(slots=True, kw_only=True)
class Draft:
    """A symbol that is being read. `klass` is the class whose method it is, or which it is."""

    name: str
    kind: str
    first: int
    last: int
    body: int
    klass: str = ""
    complexity: int = 1
    parameters: tuple[Parameter, ...] = ()
    calls: list[tuple[int, str, str]] = field(default_factory=list[tuple[int, str, str]])
    """The line, the callee as written, and the callee with what is known of its receiver."""
    entry: str = ""
    public: bool = True
    locals: dict[str, str] = field(default_factory=dict[str, str])
    """Classes of local variables."""
    outer: Draft | None = None
    """The function around it."""

    @property
    def local(self) -> bool:
        """Whether what it holds is seen nowhere else."""
        return self.kind in {"function", "method"}

    def class_of(self, name: str) -> str:
        """Returns the class of a variable where it is evident; else nothing."""
        scope: Draft | None = self
        for _ in range(SCOPES):
            found = scope.locals.get(name)
            if found is not None:
                return found
            scope = scope.outer
            if scope is None:
                break
        return ""


class Sheet:
    """What was found in a file."""

    def __init__(self, language: str, lines: int) -> None:
        """Begins with the file's own level."""
        self.language = language
        self.known: Knowledge = knowledge(language)
        self.module = Draft(name=MODULE, kind="module", first=1, last=max(lines, 1), body=1)
        self.drafts = [self.module]
        self.imports: dict[str, str] = {}
        self.fields: dict[tuple[str, str], str] = {}
        """Classes of attributes, by class and name."""
        self.handlers: list[tuple[int, int]] = []
        self._skipped: list[tuple[int, int]] = []
        self._decisions: dict[int, Decision] = {}
        self._names: set[str] = {MODULE}

    def add(self, draft: Draft) -> Draft:
        """Takes a symbol in; one whose name is taken gets its line."""
        draft.name = draft.name[-NAME_CHARS:]
        for mark in (f"@{draft.first}", f"@{draft.first}:{len(self.drafts)}"):
            if draft.name in self._names:
                draft.name = f"{draft.name.partition('@')[0]}{mark}"
        self._names.add(draft.name)
        self.drafts.append(draft)
        return draft

    def register(self, line: int, entry: str, callee: str) -> None:
        """Takes in that a function is named as the handler of something: a symbol that holds no line."""
        name = entry.partition(" ")[2] or callee
        draft = Draft(name=name, kind="function", first=line, last=line - 1, body=line, entry=entry, public=False)
        draft.calls.append((line, callee, callee))
        self.add(draft)

    def decide(self, decision: Decision) -> None:
        """Takes a decision in; of several on a line the first counts, which is the statement's."""
        self._decisions.setdefault(decision.line, decision)

    def skip(self, first: int, last: int) -> None:
        """Tells that no gap is of interest in these lines."""
        self._skipped.append((first, min(last, self.module.last)))

    def meant(self, runner: Draft, callee: str) -> str:
        """Returns a callee with the class of its receiver, where that is a variable whose class is evident."""
        head, dot, rest = callee.partition(".")
        klass = runner.class_of(head) if dot else ""
        return f"{klass}.{rest}" if klass else callee

    def resolved(self, callee: str) -> str:
        """Returns a callee with what its first name was imported as."""
        head, dot, rest = callee.partition(".")
        return f"{self.imports.get(head, head)}{dot}{rest}"

    def outline(self, module: str, ignored: Iterable[str] = ()) -> Outline:
        """Makes the outline; calls of ignored names that the file does not define are left out."""
        ignore = frozenset(ignored) - self._names - self.imports.keys()
        symbols = [self._symbol(draft, ignore) for draft in self.drafts]
        symbols.sort(key=lambda each: (each.first, -each.last))
        return Outline(
            language=self.language,
            symbols=tuple(symbols),
            decisions=tuple(self._decisions[line] for line in sorted(self._decisions)),
            handlers=tuple(self.handlers),
            skipped=frozenset(_lines(self._skipped)),
            imports={name: meant for name, meant in self.imports.items() if name and meant},
            module=module,
        )

    def _symbol(self, draft: Draft, ignore: frozenset[str]) -> Symbol:
        calls: list[Call] = []
        risks: list[tuple[str, int, str]] = []
        for line, written, callee in draft.calls:
            meant = self._through_fields(draft, callee)
            full = self.resolved(meant)
            kind = self.known.risks.kind(full) if draft.kind != "class" else ""
            if not kind and full != written and draft.kind != "class":
                kind = self.known.risks.kind(written)
            if kind:
                risks.append((kind, line, written))
            if meant not in ignore:
                calls.append(Call(line=line, callee=meant))
        if draft.local and draft.body <= draft.last:
            named = self.known.by_name(draft.name.rpartition(".")[2])
            if named and not any(kind == named for kind, _, _ in risks):
                risks.append((named, draft.first, draft.name.rpartition(".")[2]))
        return Symbol(
            name=draft.name,
            kind=draft.kind,
            first=draft.first,
            last=draft.last,
            body=draft.body,
            complexity=draft.complexity,
            parameters=draft.parameters,
            calls=tuple(calls),
            entry=draft.entry,
            risks=tuple(risks),
            public=draft.public,
        )

    def _through_fields(self, draft: Draft, callee: str) -> str:
        """Puts the classes of attributes in their place: `self.gateway.charge` is `Gateway.charge`."""
        if not self.fields or "." not in callee:
            return callee
        head, *rest = callee.split(".")
        if head in SELF:
            klass = draft.klass
        elif self.language in BARE_FIELDS and (draft.klass, head) in self.fields:
            klass = self.fields[draft.klass, head]
        else:
            klass = head
        known = klass
        while len(rest) > 1 and (klass, rest[0]) in self.fields:
            klass = self.fields[klass, rest.pop(0)]
        unchanged = klass == known and (head in SELF or klass == head)
        return callee if unchanged else ".".join((klass, *rest))


def _lines(ranges: list[tuple[int, int]]) -> Iterator[int]:
    """Yields each line of some ranges once, however they overlap."""
    after = 0
    for first, last in sorted(ranges):
        yield from range(max(first, after), last + 1)
        after = max(after, last + 1)
