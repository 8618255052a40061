"""Finds the files that an import means."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from headwater.coverage.outline import Outline

FAMILIES: Final[Mapping[str, str]] = {"typescript": "javascript", "tsx": "javascript"}
"""Languages whose files import each other; another language is a family of its own."""
ALIKE: Final = 100
"""A name that more files have means none."""
PACKAGED: Final = frozenset({"go", "java", "c_sharp"})
"""Families in which the files of a package see each other, so that a name may be in any of several."""


def family(language: str) -> str:
    """Returns the family of a language."""
    return FAMILIES.get(language, language)


class Modules:
    """The modules and packages of a tree, by family and by every name that an import may give them."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        """Takes the files' outlines."""
        self._index: dict[tuple[str, str], list[str]] = {}
        packages = {str(PurePosixPath(path).parent) for path in outlines if path.endswith("/__init__.py")}
        for path, outline in outlines.items():
            kind = family(outline.language)
            for name in _names(path, outline, kind, packages):
                self._index.setdefault((kind, name), []).append(path)

    def find(self, kind: str, full: str, importer: str) -> Iterator[tuple[list[str], str]]:
        """Yields the files that the beginning of a name means, the longest first, with the rest of the name."""
        if kind == "python" and full.partition(".")[0] in sys.stdlib_module_names:
            return
        end = len(full)
        while end > 0:
            paths = self._paths(kind, full[:end], importer)
            if paths:
                yield paths, full[end + 1 :]
            end = full.rfind(".", 0, end)

    def _paths(self, kind: str, name: str, importer: str) -> list[str]:
        found = self._index.get((kind, name), [])
        if kind == "go" and not found:
            found = self._go(name)
        if len(found) < 2 or kind in PACKAGED:  # noqa: PLR2004 — more than one
            return found
        return _nearest(found, importer) if len(found) <= ALIKE else []

    def _go(self, name: str) -> list[str]:
        """A package of Go is imported by the module's own path before its folder."""
        parts = name.split("/")
        for start in range(1, len(parts)):
            found = self._index.get(("go", "/".join(parts[start:])))
            if found:
                return found
        return []


def _names(path: str, outline: Outline, kind: str, packages: Iterable[str]) -> Iterator[str]:
    place = PurePosixPath(path)
    if kind == "python":
        yield from _python(place, packages)
    elif kind == "javascript":
        stem = str(place.with_suffix("")).removesuffix(".d")
        yield from _ends(stem)
        if stem.endswith("/index"):
            yield from _ends(stem.removesuffix("/index"))
    elif kind == "go":
        yield str(place.parent)
    else:
        yield outline.module
        yield outline.module.rpartition(".")[0] if kind == "java" else ""


def _python(place: PurePosixPath, packages: Iterable[str]) -> Iterator[str]:
    """A module is named from any folder on that is in no package."""
    parts = list(place.with_suffix("").parts)
    folders = [str(PurePosixPath(*parts[:number])) for number in range(len(parts))]
    if parts[-1] == "__init__":
        parts.pop()
    for start in range(len(parts)):
        if not start or folders[start] not in packages:
            yield ".".join(parts[start:])


def _ends(stem: str) -> Iterator[str]:
    yield stem
    while "/" in stem:
        stem = stem.partition("/")[2]
        if "/" in stem:
            yield stem


def _nearest(paths: Iterable[str], importer: str) -> list[str]:
    """Returns the one that shares the most folders with the importer; nothing where two do equally."""
    ranked = sorted(((_shared(path, importer), path) for path in paths), reverse=True)
    return [ranked[0][1]] if ranked[0][0] > ranked[1][0] else []


def _shared(left: str, right: str) -> int:
    count = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
