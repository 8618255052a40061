"""Keeps what models are told: templates in files, each with a version, replaceable from a folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from headwater.errors import Code, Problem, problem

PLACES: Mapping[str, frozenset[str]] = {
    "system": frozenset({"module"}),
    "initial": frozenset({"path", "module", "name", "first", "last", "missing", "excerpt", "tried"}),
    "failed": frozenset({"name", "failures", "missing"}),
    "missing": frozenset({"name", "missing"}),
    "again": frozenset({"name"}),
    "script_system": frozenset({"language", "framework", "assertions", "modules", "specifier"}),
    "go_system": frozenset({"package"}),
    "code_initial": frozenset({"language", "fence", "path", "name", "first", "last", "missing", "excerpt", "tried"}),
    "code_failed": frozenset({"language", "name", "failures", "missing"}),
    "code_missing": frozenset({"language", "name", "missing"}),
    "code_again": frozenset({"language", "name"}),
}
"""The templates, and the words with a dollar that each may use; the first five are for Python."""
VERSION = re.compile(r"version:[ \t]*(\S+)[ \t]*\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One template. `origin` is `shipped`, or the file that replaces the shipped one."""

    name: str
    version: str
    text: str
    origin: str

    def render(self, **values: object) -> str:
        """Fills the template in."""
        return Template(self.text).substitute({name: str(value) for name, value in values.items()}).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """All templates of one folder, those that it lacks being the shipped ones."""

    by_name: Mapping[str, Wording]

    def render(self, template: str, /, **values: object) -> str:
        """Fills a template in."""
        return self.by_name[template].render(**values)

    def listing(self) -> Sequence[Wording]:
        """Returns the templates in the order in which a conversation uses them."""
        return [self.by_name[name] for name in PLACES]

    @property
    def sha256(self) -> str:
        """The digest of all templates: it changes whenever one of them does."""
        return digest(each.text for each in self.listing())


def load_templates(folder: Path | None = None) -> Templates:
    """Reads the templates; `<name>.md` in the folder replaces the shipped one of that name.

    Raises Problem FAILED_PRECONDITION `TEMPLATES_MISSING` where the folder is none, and `TEMPLATE_BROKEN` for a file
    without a version line, with an unknown place, or not readable.
    """
    if folder is not None and not folder.is_dir():
        message = f"The folder of prompt templates {str(folder)!r} is not there."
        raise problem(Code.FAILED_PRECONDITION, "TEMPLATES_MISSING", message, "Set HEADWATER_PROMPTS to a folder.")
    shipped = files("headwater.pipeline").joinpath("templates")
    found: dict[str, Wording] = {}
    for name in PLACES:
        mine = folder / f"{name}.md" if folder is not None else None
        if mine is not None and mine.exists():
            found[name] = _read(name, _text(name, mine), str(mine))
        else:
            found[name] = _read(name, shipped.joinpath(f"{name}.md").read_text(encoding="utf-8"), "shipped")
    return Templates(by_name=found)


def listing(folder: Path | None = None) -> Sequence[Wording]:
    """Lists the templates that are in force. Raises what `load_templates` raises."""
    return load_templates(folder).listing()


def digest(texts: Iterable[str]) -> str:
    """Returns the SHA-256 of several texts in order."""
    found = hashlib.sha256()
    for text in texts:
        found.update(text.encode())
        found.update(b"\0")
    return found.hexdigest()


def _text(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(name, f"{path.name} cannot be read: {error}") from None


def _read(name: str, text: str, origin: str) -> Wording:
    match = VERSION.match(text)
    if match is None:
        raise _broken(name, "its first line is no `version: …`")
    body = text[match.end() :]
    template = Template(body)
    if not template.is_valid():
        raise _broken(name, "a dollar stands before no word; write $$ for a dollar")
    unknown = sorted(set(template.get_identifiers()) - PLACES[name])
    if unknown:
        raise _broken(name, f"${unknown[0]} is not filled in; known are {_listed(PLACES[name])}")
    return Wording(name=name, version=match[1], text=body, origin=origin)


def _broken(name: str, what: str) -> Problem:
    return problem(
        Code.FAILED_PRECONDITION,
        "TEMPLATE_BROKEN",
        f"The prompt template {name!r} cannot be used: {what}.",
        "Mend the file, or remove it to use the one that ships with Headwater.",
        template=name,
    )


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"${name}" for name in sorted(names))
