"""What puts something at risk, and where a program is entered: tables of names, one a language (`risks.json`).

A pattern is a dotted name, in full (`subprocess.run`), by its beginning (`stripe.*`, which is any
`stripe.a.b` and `stripe/a.b`), by its end (`*.executemany`), or
by its end with that of what it is called on (`*cursor.execute`, which is `db_cursor.execute` and `Cursor.execute`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

CALLED: Final = "()"
WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
"""The words of a name, in either case."""


class Names:
    """Names of one kind or more, found by the patterns that they match."""

    def __init__(self, patterns: Mapping[str, Iterable[str]]) -> None:
        """Takes the patterns of each kind; the first that matches counts."""
        self._exact: dict[str, str] = {}
        self._begin: dict[str, str] = {}
        self._end: dict[str, list[tuple[str, str]]] = {}
        for kind, each in patterns.items():
            for pattern in each:
                self._add(kind, pattern)

    def kind(self, name: str) -> str:
        """Returns the kind of a dotted name; empty if it is of none."""
        found = self._exact.get(name)
        if found is not None:
            return found
        receiver, _, last = name.rpartition(".")
        for end, kind in self._end.get(last, ()):
            if receiver.lower().endswith(end):
                return kind
        if CALLED in name:
            return ""  # What a call returns is no part of the module.
        while receiver:
            found = self._begin.get(receiver)
            if found is not None:
                return found
            receiver = receiver[: max(receiver.rfind("."), receiver.rfind("/"), 0)]
        return ""

    def _add(self, kind: str, pattern: str) -> None:
        if pattern.endswith(".*"):
            self._begin.setdefault(pattern[:-2], kind)
        elif pattern.startswith("*"):
            receiver, _, last = pattern[1:].rpartition(".")
            self._end.setdefault(last, []).append((receiver.lower(), kind))
        else:
            self._exact.setdefault(pattern, kind)


class Knowledge:
    """What is known of a language's names."""

    def __init__(self, table: Mapping[str, Any], verbs: Mapping[str, Iterable[str]]) -> None:
        """Takes the language's table, and the verbs that a function at risk is named after."""
        entries: Mapping[str, Any] = table["entries"]
        self.risks = Names(table["risks"])
        """Callees, with imports resolved."""
        self.marks = Names(entries.get("marks", {}))
        """Decorators, annotations and attributes of entry points."""
        self.registrars = Names(entries.get("registrars", {}))
        """Callees that take an entry point as an argument."""
        self.bases = Names(entries.get("bases", {}))
        """Classes whose methods are entry points, those named in `methods`."""
        self.methods = frozenset(entries.get("methods", ()))
        self.whole = Names({"whole": entries.get("whole", ())})
        """Classes of which every public method is one."""
        self.names: Mapping[str, str] = {name: kind for kind, each in entries.get("names", {}).items() for name in each}
        """Functions that are entry points by their name."""
        self._verbs = {verb: kind for kind, each in verbs.items() for verb in each}

    def by_name(self, name: str) -> str:
        """Returns what a function puts at risk that is called so: `charge_card` moves money; empty if nothing does."""
        words = [word.lower() for word in WORDS.findall(name)[:2]]
        return self._verbs.get(" ".join(words)) or self._verbs.get(words[0], "") if words else ""


@cache
def knowledge(language: str) -> Knowledge:
    """Returns the table of a language; TypeScript's is JavaScript's."""
    table = json.loads(files("headwater.coverage.calls").joinpath("risks.json").read_text("utf-8"))
    name = "javascript" if language in {"typescript", "tsx"} else language
    return Knowledge(table["languages"][name], table["verbs"])
