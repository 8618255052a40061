"""Keeps the names of many answers apart that become one test module.

Each answer is a module of its own: two of them may call different helpers by the same name, or import a name from
different places. A `Scope` renames what collides, leaves out what the draft has already, and repairs what is wrong
whatever happens.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from headwater.pipeline.cases import rename
from headwater.pipeline.classes import flattened
from headwater.pipeline.copies import copied_name, originals
from headwater.pipeline.mend import Surroundings, mended_pieces
from headwater.pipeline.mend_imports import moved_name
from headwater.pipeline.mend_names import nearest
from headwater.pipeline.pieces import Piece, parse
from headwater.pipeline.symbols import Symbols, read_symbols

WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The module under test. `symbols_of` knows the names of other modules of the code base, None of all others."""

    module: str
    symbols: Symbols
    symbols_of: Callable[[str], Symbols | None]
    originals: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the module itself defines."""

    def member(self, module: str, name: str) -> str:
        """Returns how a member of a module is called that a test imports; empty when there is certainly none."""
        symbols = self.symbols if module == self.module else self.symbols_of(module)
        if symbols is None or symbols.open or name in symbols.names or self.symbols_of(f"{module}.{name}"):
            return name
        return nearest(name, symbols.names)


def find_home(source: str, path: str, module: str, read: Callable[[str], str | None]) -> Home:
    """Describes the module under test, with the modules of the code base that `read` finds beside it."""

    @cache
    def symbols_of(other: str) -> Symbols | None:
        folder = other.replace(".", "/")
        for place in (f"{folder}.py", f"{folder}/__init__.py") if all(other.split(".")) else ():
            text = read(place)
            try:
                if text is not None:
                    return read_symbols(text, place, other)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None  # not a file that this Python reads; whoever imports it will see
        return None

    symbols = read_symbols(source, path, module)
    return Home(module=module, symbols=symbols, symbols_of=symbols_of, originals=originals(source))


class DraftNames:
    """What the names of a draft stand for, over all answers of a run."""

    def __init__(self) -> None:
        self.meanings: dict[str, str] = {}
        self.tests: set[str] = set()
        self.seen: set[tuple[str, frozenset[tuple[str, str]]]] = set()

    def free(self, name: str) -> str:
        """Returns the name, with a number behind it if it stands for something already."""
        found, number = name, 2
        while found in self.meanings or found in self.tests:
            found, number = f"{name}_{number}", number + 1
        return found


class Scope:
    """The names of one answer."""

    def __init__(self, draft: DraftNames, home: Home) -> None:
        """Takes its place in a draft of tests of `home`."""
        self.tests: dict[str, str] = {}
        self.repeats = False
        """Whether a test was left out because the draft has had it before, with all that it uses."""
        self._draft = draft
        self._home = home
        self._renamed: dict[str, str] = {}
        self._own: dict[str, str] = {}

    def take(self, piece: Piece) -> list[Piece]:
        """Returns what of a complete piece goes into the draft: nothing, or the piece with what it needs before it.

        A broken piece goes nowhere; it says why.
        """
        parts = [part for each in flattened(piece) for part in self._mended(each)]
        return [found for part in parts for found in self._placed(part)]

    def changes(self, text: str) -> bool:
        """Whether a piece that holds this text, or is called so, would come out otherwise."""
        return bool(self._renamed) and not self._renamed.keys().isdisjoint(WORD.findall(text))

    def is_free(self, name: str) -> bool:
        """Whether a test may have this name."""
        return self._draft.free(name) == name

    def _placed(self, piece: Piece) -> Iterator[Piece]:
        match piece.kind:
            case "import":
                yield from self._imports(piece)
            case "helper" if not piece.names:
                # A statement that binds nothing is there for its effect, on every test of the file.
                yield replace(piece, kind="broken", detail="it acts when the file is imported, outside of any test")
            case "helper" if name := copied_name(piece.code, self._home.originals):
                yield from self._imports(replace(piece, kind="import", code=f"from {self._home.module} import {name}"))
            case "helper":
                yield from self._helper(piece)
            case "test":
                yield from self._test(piece)
            case "broken":
                yield piece

    def _mended(self, piece: Piece) -> Iterable[Piece]:
        """Returns the piece repaired, behind the imports and helpers that it lacks."""
        known = frozenset(self._own) | ({"mocker"} & self._draft.meanings.keys())
        around = Surroundings(module=self._home.module, symbols=self._home.symbols, known=known)
        return mended_pieces(piece.code, "", around) or [piece]

    def _imports(self, piece: Piece) -> Iterator[Piece]:
        for node in parse(piece.code).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    line = self._import(node, alias)
                    if line:
                        yield replace(piece, code=line)

    def _import(self, node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
        """Returns the import of one name; empty where the draft has it. A name of another meaning gets a new one."""
        source = f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else ""
        source = moved_name(alias.name, source)
        name = alias.asname or (alias.name if source else alias.name.partition(".")[0])
        if name == "*" or source == "__future__":
            return f"from {source} import {alias.name}"
        member = self._home.member(source, alias.name) if source else alias.name
        if not member:
            return ""  # the tests that use it fail, and no others with them
        whole = alias.asname is not None or source or "." not in member
        meaning = f"{source}:{member}" if whole else f":{name}"
        known = self._draft.meanings.get(name)
        if known is not None and known != meaning and whole:
            name = self._renaming(name, meaning)
            known = self._draft.meanings.get(name)
        self._bind(alias.asname or name, name, meaning)
        if known == meaning and whole:
            return ""
        shown = member if name == member or not whole else f"{member} as {name}"
        return f"from {source} import {shown}" if source else f"import {shown}"

    def _helper(self, piece: Piece) -> Iterator[Piece]:
        code = self._translated(piece.code)
        for name in piece.names:
            if self._draft.meanings.get(name, code) != code or name in self._draft.tests:
                other = self._renaming(name, code)
                code = rename(code, name, other)
        names = tuple(self._renamed.get(name, name) for name in piece.names)
        is_known = bool(names) and all(self._draft.meanings.get(name) == code for name in names)
        for old, new in zip(piece.names, names, strict=True):
            self._bind(old, new, code)
        if not is_known:
            yield replace(piece, code=code, name=names[0] if names else "", names=names)

    def _test(self, piece: Piece) -> Iterator[Piece]:
        code = self._translated(piece.code)
        used = frozenset((word, self._own[word]) for word in WORD.findall(code) if word in self._own)
        if (code, used) in self._draft.seen:
            self.repeats = True
            return
        self._draft.seen.add((code, used))
        name = self._draft.free(piece.name)
        if name != piece.name:
            code = rename(code, piece.name, name)
        self._draft.tests.add(name)
        self.tests[name] = code
        names = piece.names if len(piece.names) > 1 or piece.names[:1] != (piece.name,) else (name,)
        yield replace(piece, code=code, name=name, names=names)

    def _translated(self, code: str) -> str:
        for old, new in self._renamed.items():
            if re.search(rf"\b{re.escape(old)}\b", code):
                code = rename(code, old, new)
        return code

    def _renaming(self, name: str, meaning: str) -> str:
        """Returns another name for what a name means here: the one that the draft has for it, or a new one."""
        same = [each for each, known in self._draft.meanings.items() if known == meaning]
        found = same[0] if same else self._draft.free(name)
        self._renamed[name] = found
        return found

    def _bind(self, old: str, new: str, meaning: str) -> None:
        self._own[old] = self._own[new] = meaning
        self._draft.meanings.setdefault(new, meaning)
