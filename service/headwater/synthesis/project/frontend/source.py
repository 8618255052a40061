"""Reads the files that are the same in every application, but for what only some of them have.

They lie beside this module in `source/`, as they are rendered. A line that holds `@if account files` begins what is
there if the application has one of these traits, `@else` what is there otherwise, and `@end` ends it; `$name` stands
for a text where one is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from importlib.resources import files
from importlib.resources.abc import Traversable

from headwater.synthesis.project.conditional import kept

PACKAGE = "headwater.synthesis.project.frontend"
MARK = re.compile(r"\s*(?://|/\*|\{/\*) @(if|else|end)\b([a-z ]*)(?:\*/\}?)?\s*")


def paths() -> tuple[str, ...]:
    """Returns the paths of all files, in order."""
    return tuple(sorted(_paths(_root(), "")))


def source(path: str, traits: AbstractSet[str], names: Mapping[str, str] | None = None) -> str:
    """Returns a file for an application that has some traits, with names filled in."""
    text = _root().joinpath(path).read_text(encoding="utf-8")
    found = kept(text, traits, MARK)
    for name, value in (names or {}).items():
        found = found.replace(f"${name}", value)
    return found


def _root() -> Traversable:
    return files(PACKAGE).joinpath("source")


def _paths(folder: Traversable, before: str) -> Iterator[str]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _paths(each, f"{before}{each.name}/")
        else:
            yield f"{before}{each.name}"
