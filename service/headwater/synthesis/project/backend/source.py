"""Reads the files that are the same in every application, but for what only some of them have.

They lie beside this module as `source/<path>.txt`. A line `#if account files` begins what is there if the application
has one of these traits, `#else` what is there otherwise, and `#end` ends it; `__name__` stands for a text
where the application has one of that name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from importlib.resources import files

from headwater.synthesis.project.conditional import kept
from headwater.synthesis.project.python import NOTICE

MARK = re.compile(r"\s*#(if|else|end)\b([a-z_ ]*)\s*")


def source(path: str, traits: AbstractSet[str], names: Mapping[str, str] | None = None) -> str:
    """Returns a file for an application that has some traits, with names filled in."""
    text = files("headwater.synthesis.project.backend").joinpath("source", f"{path}.txt").read_text(encoding="utf-8")
    found = kept(text, traits, MARK)
    for name, filled in (names or {}).items():
        found = found.replace(f"__{name}__", filled)
    return found


def noticed(text: str) -> str:
    """Returns a module whose docstring says that it is rendered."""
    end = text.index('"""', len('"""'))
    return f"{text[:end].rstrip()}\n\n{NOTICE}\n{text[end:]}"
