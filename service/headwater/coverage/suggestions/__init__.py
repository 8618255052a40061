"""Suggests tests that would close a gap: a name, what to call with which inputs, and what that reaches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from headwater.coverage.findings import Suggestion
from headwater.coverage.gaps import Hole
from headwater.coverage.gaps.places import HANDLES
from headwater.coverage.outline import Decision, Outline, Symbol
from headwater.coverage.suggestions.calling import Calling
from headwater.coverage.suggestions.conditions import Name, Thing, Value, kind_of, solve
from headwater.coverage.suggestions.reading_conditions import read_condition
from headwater.coverage.suggestions.spelling import test_name, words

SHOWN = 3
"""How many functions are named of a file that was never imported, and inputs in a name."""
CONDITION_WORDS = 6
"""How many words of a condition that is not solved stand in a name."""
_FAILS = re.compile(r"\w*(?:Error|Exception|Problem|Failure|Exit)\Z")
_FAULT = re.compile(r"\b(?!(?:except|catch|as|final|new|Throwable)\b)[A-Za-z_][\w.]*")
_RECEIVER = re.compile(r"\A(?:self|cls|this)\._*")
_SLUG = re.compile(r"[a-z0-9]+")
_EMPTY_IS_FALSE = frozenset({"python"})


def suggest(hole: Hole, outline: Outline, path: str, framework: str) -> tuple[Suggestion, ...]:
    """Suggests tests for a gap; none where nothing can be called, such as the file's own level of most languages."""
    if hole.type == "never_imported":
        return _loading(hole, outline, path, framework)
    symbol = hole.symbol
    if symbol is None or symbol.kind not in {"function", "method"}:
        return _loading(hole, outline, path, framework)[:1]
    calling = Calling(outline, symbol, path)
    if hole.type == "exception_handler":
        return (_handled(hole, symbol, calling, framework),)
    values = _inputs(hole.decision, hole.never, symbol, calling.language)
    fault = _fault(hole, symbol)
    rule = ["raises", *words(fault)] if fault else []
    told = _phrase(values) or _condition_words(hole)
    if told:
        rule = (
            ["rejects" if fault else "with", *told]
            if told[0] not in {"without", "when", "unless"}
            else [
                *(["fails"] if fault else []),
                *told,
            ]
        )
    return (
        Suggestion(
            name=test_name(calling.subject, rule, calling.language, framework),
            call=calling.write(values),
            inputs=calling.inputs(values),
            reaches=_reaches(hole, fault),
        ),
    )


def _loading(hole: Hole, outline: Outline, path: str, framework: str) -> tuple[Suggestion, ...]:
    """Suggests to import a file, and to call what it offers."""
    offered = [
        each
        for each in outline.symbols
        if each.kind == "function" and each.public and "." not in each.name and each.first <= each.last
    ]
    if hole.type == "never_imported" and offered:
        calls = [Calling(outline, each, path) for each in offered[:SHOWN]]
        return tuple(
            Suggestion(
                name=test_name(each.subject, [], each.language, framework),
                call=each.write({}),
                reaches=f"`{each.symbol.name}` from line {each.symbol.first} on",
            )
            for each in calls
        )
    imported = Calling(outline, None, path).imported()
    if not imported:
        return ()
    subject = [*words((outline.module or path).rpartition(".")[2]), "is", "imported"]
    return (
        Suggestion(
            name=test_name(subject, _condition_words(hole), outline.language, framework),
            call=imported,
            reaches=_reaches(hole, ""),
        ),
    )


def _handled(hole: Hole, symbol: Symbol, calling: Calling, framework: str) -> Suggestion:
    """Suggests to let fail what was called last before the handler."""
    found = _FAULT.search(hole.condition)
    fault = found[0].rpartition(".")[2] if found and hole.decision is not None else ""
    before = [each.callee for each in symbol.calls if each.line < hole.first]
    fails = f"let `{before[-1]}` fail" if before else f"let what stands above line {hole.first} fail"
    return Suggestion(
        name=test_name(calling.subject, ["handles", *(words(fault) or ["a", "failure"])], calling.language, framework),
        call=calling.write({}),
        inputs=(f"{fails} with {fault}" if fault else fails,),
        reaches=f"the handler at line {hole.first}",
    )


def _inputs(decision: Decision | None, never: str, symbol: Symbol, language: str) -> dict[str, Value]:
    """Solves a decision for the side that was never taken."""
    if decision is None or never not in {"true", "false", "true or false"} or decision.kind in HANDLES:
        return {}
    kinds = {each.name: kind for each in symbol.parameters if (kind := _kind(each.annotation, each.default))}
    text = decision.condition
    if decision.kind in {"for", "foreach"}:
        iterated = _iterated(text)
        return {iterated: ["a"] if never != "false" else []} if iterated else {}
    tree = read_condition(text, language)
    if tree is None:
        return {}
    wanted = never != "false"
    return solve(tree, wanted=wanted, kinds=kinds, empty_is_false=language in _EMPTY_IS_FALSE) or {}


def _iterated(text: str) -> str:
    """Returns what a loop goes over, if it is a name."""
    tail = re.split(r"\b(?:in|of|range)\b|:", text)[-1].strip(" ()")
    tree = read_condition(tail, "python")
    return tree.text if isinstance(tree, Name) and re.fullmatch(r"[\w.]+", tree.text) else ""


def _kind(annotation: str, default: str) -> str:
    if annotation:
        return kind_of(annotation)
    if default in {"True", "False", "true", "false"}:
        return "bool"
    if re.fullmatch(r"-?\d+", default):
        return "int"
    return "str" if default[:1] in {"'", '"'} else ""


def _fault(hole: Hole, symbol: Symbol) -> str:
    """Returns the error that the gap makes, if it does: what it calls that is called so."""
    if hole.type != "uncovered_block":
        return ""
    made = (each.callee.rpartition(".")[2] for each in symbol.calls if hole.first <= each.line <= hole.last)
    return next((each for each in made if _FAILS.match(each)), "")


def _phrase(values: Mapping[str, Value]) -> list[str]:
    """Says inputs in words: `amount of zero`, `empty items`, `without user`."""
    told: list[str] = []
    shown = {name: value for name, value in values.items() if value != Thing()} or values
    for name, value in list(shown.items())[:SHOWN]:
        said = _said(words(_RECEIVER.sub("", name)), value)
        if len(told) + len(said) > CONDITION_WORDS:
            break
        told += (["and"] if told else []) + said
    return told


def _said(name: Sequence[str], value: Value) -> list[str]:  # noqa: PLR0911 — one for each kind of value
    match value:
        case None:
            return ["without", *name]
        case bool():
            return [*name] if value else ["not", *name]
        case "" | []:
            return ["empty", *name]
        case int() | float():
            digits = words(str(abs(value)))
            return [*name, "of", *(["minus"] if value < 0 else []), *(["zero"] if value == 0 else digits)]
        case str():
            return [*name, *_SLUG.findall(value.lower())]
        case Thing():
            return [*words(value.kind), *name] if value.kind else ["given", *name]
        case _:
            return [*name, "of", str(len(value))]


def _condition_words(hole: Hole) -> list[str]:
    if not hole.condition:
        return []
    found = words(hole.condition)[:CONDITION_WORDS]
    if not found:
        return []
    return ["unless" if hole.never == "false" else "when", *found]


def _reaches(hole: Hole, fault: str) -> str:
    lines = f"line {hole.first}" if hole.first == hole.last else f"lines {hole.first} to {hole.last}"
    if hole.type == "uncovered_function" and hole.symbol is not None:
        return f"`{hole.symbol.name}`, {lines}"
    if hole.type == "never_imported":
        return "the whole file"
    raised = f", which raises {fault}" if fault else ""
    at = f"line {hole.decision.line}" if hole.decision is not None else lines
    if hole.condition and hole.never in {"true", "false"}:
        where = "" if hole.type == "partial_branch" else f"{lines}{raised}: "
        return f"{where}`{hole.condition}` at {at} is {hole.never}"
    if hole.never:
        return f"the way from {at} {hole.never}" if hole.never.startswith("to ") else f"{hole.never} at {at}"
    return f"{lines}{raised}"
