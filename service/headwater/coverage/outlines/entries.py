"""Words the entry points of programs, by the tables of names: routes, commands, handlers, `main`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headwater.coverage.outlines.draft import Draft, Sheet

HTTP = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})


def route(verb: str, place: str) -> str:
    """Words the entry that a route is: `route POST /charge`."""
    shown = verb.upper() if verb.lower() in HTTP else ""
    return " ".join(["route", *filter(None, (shown, place))])


def registered(kind: str, callee: str, place: str) -> str:
    """Words the entry that a call makes of a function: `app.post("/charge", …)`, `MapPost("/charge", …)`."""
    if kind != "route":
        return f"{kind} {place}".strip()
    verb = callee.rpartition(".")[2].lower()
    return route(verb.removeprefix("add_").removeprefix("map"), place)


def joined(prefix: str, place: str) -> str:
    """Puts the path of a class before that of its method."""
    parts = [part.strip("/") for part in (prefix, place) if part.strip("/")]
    return f"/{'/'.join(parts)}" if parts else prefix or place


def class_entry(sheet: Sheet, bases: Iterable[str]) -> str:
    """Returns the kind of entry points that a class's methods are."""
    kinds = (sheet.known.bases.kind(sheet.resolved(base)) for base in bases)
    return next(filter(None, kinds), "")


def method_entry(sheet: Sheet, holder: Draft, name: str) -> str:
    """Returns what a method is by its class: a view's `post` is a route."""
    kind = holder.entry
    if not kind:
        return ""
    whole: Sequence[str] = [base for _, _, base in holder.calls if sheet.known.whole.kind(base)]
    if whole and not name.startswith("_"):
        return f"{kind} {holder.name}.{name}"
    if name not in sheet.known.methods:
        return ""
    verb = name.removeprefix("do_").removeprefix("do")
    return route(verb, holder.name) if kind == "route" else f"{kind} {holder.name}"
