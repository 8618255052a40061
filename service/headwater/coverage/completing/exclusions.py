"""What a project leaves out of its coverage, by the configuration of coverage.py that lies beside its source.

It is read as text: nothing of the environment is put into it, and a file that cannot be read says nothing.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, cast

from headwater.coverage import Note, Tell
from headwater.errors import invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusions:
    """Regexes of what is not counted; None for coverage.py's own."""

    exclude_lines: tuple[str, ...] | None = None
    exclude_also: tuple[str, ...] = ()
    partial_branches: tuple[str, ...] | None = None
    partial_also: tuple[str, ...] = ()
    partial_branches_always: tuple[str, ...] | None = None

    def check(self) -> None:
        """Raises Problem INVALID_ARGUMENT `EXCLUSION_INVALID` for one that is no regex."""
        for each in fields(self):
            for regex in getattr(self, each.name) or ():
                fault = _fault(regex)
                if fault:
                    message = f"{regex!r} is no regex: {fault}."
                    raise invalid("EXCLUSION_INVALID", each.name, message, "Escape its signs.")


DEFAULT_EXCLUSIONS: Final = Exclusions()
SECTION, PREFIX = "report", "coverage:"
CONFIGURATIONS: Final = (".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml")
"""Where coverage.py looks, in this order; the first that speaks of it holds."""


def exclusions_of(read: Callable[[str], str | None], tell: Tell) -> Exclusions | None:
    """Reads what a folder's configuration excludes; None where nothing in it speaks of coverage.py.

    `read` returns the text of a file of the folder. A regex that is none is left out, and told.
    """
    for name in CONFIGURATIONS:
        text = read(name)
        settings = _settings(name, text) if text is not None else None
        if settings is not None:
            known = {each.name for each in fields(Exclusions)}
            given = {key: _regexes(value, f"{name}, {key}", tell) for key, value in settings.items() if key in known}
            return Exclusions(**given)
    return None


def _settings(name: str, text: str) -> Mapping[str, Any] | None:
    """Returns the settings of reports; None where the file says nothing of coverage.py."""
    ours = name.startswith(".coveragerc")
    if name.endswith(".toml"):
        return _toml(text, ours=ours)
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    if not ours and not any(each.startswith(PREFIX) for each in parser.sections()):
        return None
    names = (f"{PREFIX}{SECTION}", *((SECTION,) if ours else ()))
    found = next((each for each in names if parser.has_section(each)), None)
    return dict(parser.items(found)) if found else {}


def _toml(text: str, *, ours: bool) -> Mapping[str, Any] | None:
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    settings = _table(_table(whole, "tool"), "coverage")
    if settings is None and ours:
        settings = whole
    return None if settings is None else _table(settings, SECTION) or {}


def _table(outer: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    inner: Any = outer.get(name) if outer is not None else None
    return cast("Mapping[str, Any]", inner) if isinstance(inner, dict) else None


def _regexes(value: Any, place: str, tell: Tell) -> tuple[str, ...]:
    """Returns the regexes of a setting: a list, or one on each line."""
    lines = cast("list[Any]", value) if isinstance(value, list) else str(value).splitlines()
    found: list[str] = []
    for regex in filter(None, (str(line).strip() for line in lines)):
        fault = _fault(regex)
        if fault:
            message = f"{place}: {regex!r} is no regex ({fault}), and excludes nothing."
            tell(Note(reason="EXCLUSION_INVALID", message=message, remedy="Escape its signs."))
        else:
            found.append(regex)
    return tuple(found)


def _fault(regex: str) -> str:
    try:
        re.compile(regex)
    except (re.error, RecursionError, OverflowError) as error:
        return str(error) or "it is too deep"
    return ""
