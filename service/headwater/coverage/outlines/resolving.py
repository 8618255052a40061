"""Finds what a call means, by imports, scopes, classes and their bases; what is not evident stays open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from headwater.coverage.outline import Outline, Symbol
from headwater.coverage.outlines.modules import PACKAGED, Modules, family

SELF: Final = frozenset({"self", "cls", "this"})
SUPER: Final = frozenset({"super", "base"})
CONSTRUCTORS: Final = ("__init__", "__new__", "__post_init__", "constructor")
DEFAULT: Final = "default"
"""What a module of JavaScript is by itself."""
EXPORTS: Final = 60
"""So many files are looked into for a name that is passed on."""
STARS: Final = 64
"""So many modules are looked into for a name that is imported with all others."""
BASES: Final = 200
"""So many classes are looked through for a method at most."""
ATTRIBUTES: Final = 8
"""So many attributes are followed in one call."""
PARTED: Final = frozenset({"go", "c_sharp"})
"""Languages in which the methods of a class may be in several files of a package."""
TWO_WORDS: Final = re.compile(r"[a-z0-9](_[a-zA-Z0-9]|[A-Z])")
"""A name that is likely to mean one thing only."""


class Resolver:
    """Resolves the calls of a tree. Symbols are numbers: their places in `nodes`."""

    def __init__(self, outlines: Mapping[str, Outline], nodes: Sequence[tuple[str, Symbol]]) -> None:
        """Takes the files, and their symbols."""
        self._outlines = outlines
        self._nodes = nodes
        self._modules = Modules(outlines)
        self._tables: dict[str, dict[str, list[int]]] = {path: {} for path in outlines}
        self._shared: dict[tuple[str, str], dict[str, list[int]]] = {}
        """Symbols by package, where a class may be in several files."""
        self._attributes: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
        """By package, `Server.store` to its class and the file that says so."""
        for path in outlines:
            self._attributes.setdefault(self._package(path), {}).update(
                {name: (path, meant) for name, meant in outlines[path].imports.items() if "." in name[1:]}
            )
        self._stars = {path: _stars(each) for path, each in outlines.items()}
        self._unique: dict[tuple[str, str], list[int]] = {}
        self._bases: dict[int, list[int]] = {}
        self._seen: dict[tuple[str, str, str], tuple[list[int], bool]] = {}
        for number, (path, symbol) in enumerate(nodes):
            name = symbol.name.partition("@")[0] if "@" in symbol.name else symbol.name
            self._tables[path].setdefault(name, []).append(number)
            if symbol.kind == "method" and outlines[path].language in PARTED:
                self._shared.setdefault(self._package(path), {}).setdefault(name, []).append(number)
            if symbol.public and symbol.kind in {"method", "class"}:
                key = (family(outlines[path].language), name.rpartition(".")[2])
                self._unique.setdefault(key, []).append(number)

    def resolve(self, path: str, symbol: Symbol, callee: str) -> tuple[list[int], bool]:
        """Returns what a call in a symbol means, and whether that is known only from a name that nothing else has."""
        scope = symbol.name
        key = (path, scope, callee)
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._resolve(path, scope, callee)
        return found

    def bases(self, klass: int) -> list[int]:
        """Returns the classes that a class is built on, as far as they are in the tree."""
        found = self._bases.get(klass)
        if found is None:
            path, symbol = self._nodes[klass]
            self._bases[klass] = []  # A class that is its own base ends here.
            scope = symbol.name.rpartition(".")[0]
            found = [
                number
                for call in symbol.calls
                for number in self._resolve(path, scope, call.callee)[0]
                if self._nodes[number][1].kind == "class" and number != klass
            ]
            self._bases[klass] = found
        return found

    def method(self, classes: Sequence[int], name: str) -> list[int]:
        """Finds a method in the nearest of some classes or their bases."""
        level, seen = list(classes), set(classes)
        while level and len(seen) < BASES:
            for klass in level:
                path, symbol = self._nodes[klass]
                full = f"{symbol.name.partition('@')[0]}.{name}"
                found = self._tables[path].get(full) or self._shared.get(self._package(path), {}).get(full)
                if found:
                    return found
            level = [base for klass in level for base in self.bases(klass) if base not in seen]
            seen.update(level)
        return []

    def constructors(self, klass: int) -> list[int]:
        """Returns what runs when an object of a class is made: its own constructors, else those of a base."""
        short = self._nodes[klass][1].name.rpartition(".")[2].partition("@")[0]
        return [number for name in (*CONSTRUCTORS, short) for number in self.method([klass], name)]

    def _resolve(self, path: str, scope: str, callee: str) -> tuple[list[int], bool]:
        found = self._evident(path, scope, callee)
        if found is None:
            found = self._of_attribute(path, callee)
        if found is None:
            found = self._by_name(callee, family(self._outlines[path].language))
            return found, bool(found)
        return found, False

    def _evident(self, path: str, scope: str, callee: str) -> list[int] | None:
        """Finds what scopes and imports say of a call; None where they say nothing."""
        head, _, rest = callee.partition(".")
        if head in SELF or head in SUPER:
            return self._of_object(path, scope, head, rest)
        kind = family(self._outlines[path].language)
        found = self._in_file(path, scope, callee, kind)
        if found:
            return found
        imports = self._outlines[path].imports
        if head in imports:
            return self._meant(_joined(imports[head], rest), path, kind, set())
        for name in self._around(path, kind):
            found = self._meant(f"{name}.{callee}", path, kind, set())
            if found:
                return found
        return None

    def _of_attribute(self, path: str, callee: str) -> list[int] | None:
        """Finds what is called on an attribute of which another file of the package says the class."""
        for _ in range(ATTRIBUTES):
            klass, _, rest = callee.partition(".")
            name, _, rest = rest.partition(".")
            said = self._attributes.get(self._package(path), {}).get(f"{klass}.{name}") if rest else None
            if said is None:
                return None
            path, callee = said[0], f"{said[1]}.{rest}"
            found = self._evident(path, "", callee)
            if found is not None:
                return found
        return None

    def _package(self, path: str) -> tuple[str, str]:
        outline = self._outlines[path]
        return outline.language, path.rpartition("/")[0] if outline.language == "go" else outline.module

    def _of_object(self, path: str, scope: str, head: str, rest: str) -> list[int]:
        klass = self._class_around(path, scope)
        if not klass:
            return []
        classes = klass if head in SELF else [base for each in klass for base in self.bases(each)]
        if not rest:
            return classes
        return self.method(classes, rest) if "." not in rest else []

    def _class_around(self, path: str, scope: str) -> list[int]:
        table = self._tables[path]
        while scope:
            scope = scope.rpartition(".")[0]
            found = [number for number in table.get(scope, ()) if self._nodes[number][1].kind == "class"]
            if found:
                return found
        return []

    def _in_file(self, path: str, scope: str, callee: str, kind: str) -> list[int]:
        """Looks in the scopes around a call, the innermost first; a class is one where its methods are called bare."""
        table = self._tables[path]
        prefix = scope
        while prefix:
            holder = table.get(prefix)
            is_class = holder is not None and self._nodes[holder[0]][1].kind == "class"
            if holder is not None and (not is_class or kind in {"java", "c_sharp"}):
                found = self._own(path, f"{prefix}.{callee}")
                if found:
                    return found
            prefix = prefix.rpartition(".")[0]
        return self._own(path, callee)

    def _own(self, path: str, name: str) -> list[int]:
        """Finds a name that a file defines: a function, a class, or a method of a class or of its bases."""
        found = self._tables[path].get(name)
        if found:
            return found
        owner, _, last = name.rpartition(".")
        classes = [each for each in self._tables[path].get(owner, ()) if self._nodes[each][1].kind == "class"]
        return self.method(classes, last) if classes else []

    def _member(self, path: str, name: str, seen: set[tuple[str, str]]) -> list[int]:
        """Finds a name of a file, be it defined there or only passed on."""
        if (path, name) in seen or len(seen) > EXPORTS:
            return []
        seen.add((path, name))
        found = self._own(path, name)
        if found:
            return found
        head, _, rest = name.partition(".")
        outline = self._outlines[path]
        kind = family(outline.language)
        if head in outline.imports:
            return self._meant(_joined(outline.imports[head], rest), path, kind, seen)
        if kind in PACKAGED:
            return []
        for star in self._stars[path]:
            found = self._meant(f"{star}.{name}", path, kind, seen)
            if found:
                return found
        return self._member(path, _joined(DEFAULT, name), seen) if DEFAULT in outline.imports else []

    def _meant(self, full: str, path: str, kind: str, seen: set[tuple[str, str]]) -> list[int]:
        for paths, rest in self._modules.find(kind, full, path):
            for each in paths:
                found = self._member(each, rest or DEFAULT, seen)
                if found:
                    return found
        return []

    def _around(self, path: str, kind: str) -> Iterator[str]:
        """Names the packages whose names are seen without an import of each."""
        module = self._outlines[path].module
        if kind == "go":
            yield path.rpartition("/")[0] or "."
        elif kind == "java":
            yield module.rpartition(".")[0]
        elif kind == "c_sharp":
            while module:
                yield module
                module = module.rpartition(".")[0]
        yield from self._stars[path]

    def _by_name(self, callee: str, kind: str) -> list[int]:
        """Finds a public method of which nothing else in the tree has the name, if that has two words or more."""
        receiver, _, last = callee.rpartition(".")
        found = self._unique.get((kind, last), ()) if receiver and TWO_WORDS.search(last) else ()
        return list(found) if len(found) == 1 else []


def _joined(name: str, rest: str) -> str:
    return f"{name}.{rest}" if rest else name


def _stars(outline: Outline) -> list[str]:
    """Lists the modules of which all names are imported."""
    return [meant for name, meant in outline.imports.items() if name.startswith("*")][:STARS]
