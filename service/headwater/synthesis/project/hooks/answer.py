"""Reads what a model answered: the hooks that it names, or one module of Python, screened and ready to be run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from headwater.synthesis.project.files import Hook, Plan
from headwater.synthesis.project.hooks.bounds import Bounds
from headwater.synthesis.project.hooks.points import Rule, point, reachable
from headwater.synthesis.project.hooks.screening import Kind, Screen, defined, faults
from headwater.synthesis.project.json_in_text import values

FENCE = re.compile(
    r"^[ \t]*(?:```|~~~)[ \t]*([\w.+-]*)[^\n]*\n(.*?)(?:^[ \t]*(?:```|~~~)|\Z)", re.DOTALL | re.MULTILINE
)
FAULTS_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The rules that a model names, in its order, and what it said that cannot be used."""

    rules: tuple[Rule, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """Code that may be run, or why there is none: `reason` in UPPER_SNAKE and what is wrong."""

    code: str = ""
    reason: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a hook stands beside: the application, the other hooks, which share its files, and the bounds."""

    plan: Plan
    others: tuple[Hook, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)


def read_rules(answer: str, plan: Plan, bounds: Bounds) -> Named:
    """Returns the rules of an answer; it never raises: what is none is a fault."""
    listed = next(
        (_listed(each) for each in values(answer[: bounds.answer_characters], bounds.tries) if _is_list(each)), None
    )
    if listed is None:
        return Named(faults=('the answer holds no JSON object {"hooks": [...]}',))
    found, wrong = dict[str, Rule](), list[str]()
    for each in listed:
        given = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        hook, text = given.get("hook"), given.get("rule")
        if not isinstance(hook, str) or not isinstance(text, str) or not text.strip():
            wrong.append("each hook is an object with the texts hook and rule")
            continue
        where = point(plan.spec, hook)
        if where is None or not reachable(plan, where):
            wrong.append(f"{hook[: bounds.rule_characters]!r} is no hook of this application")
            continue
        found.setdefault(hook, Rule(hook=hook, text=" ".join(text.split())[: bounds.rule_characters]))
    return Named(rules=tuple(found.values()), faults=tuple(wrong[:FAULTS_TOLD]))


def drafted(answer: str, kind: Kind, hook: str, beside: Beside) -> Drafted:
    """Returns the code of an answer, if there is some and it may be run."""
    most = beside.bounds.answer_characters
    if len(answer) > most:
        return _refused("ANSWER_TOO_LONG", f"the answer is longer than {most} characters")
    return _screened(_code(answer), kind, hook, beside)


def fault_of(hook: Hook, beside: Beside) -> str:
    """Returns why a hook that was kept elsewhere may not be run in this application; empty where it may."""
    where = point(beside.plan.spec, hook.name)
    if where is None or not reachable(beside.plan, where):
        return f"{hook.name[: beside.bounds.rule_characters]!r} is no hook of this application"
    if any(each.name == hook.name for each in beside.others):
        return "there are two of that name"
    found = ((Kind.TESTS, hook.tests), (Kind.HOOK, hook.code))
    return next((fault for kind, code in found if (fault := _screened(code, kind, hook.name, beside).fault)), "")


def _screened(code: str, kind: Kind, hook: str, beside: Beside) -> Drafted:
    """Returns code if it may be run."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        return _refused("CODE_UNREADABLE", f"this is no Python: {said}{where}")
    if not any(isinstance(each, ast.FunctionDef) for each in tree.body):
        return _refused("CODE_UNREADABLE", "the answer holds no Python function")
    if code.count("\n") > beside.bounds.code_lines:
        return _refused("CODE_REFUSED", f"the code is longer than {beside.bounds.code_lines} lines")
    screen = Screen(kind=kind, hook=hook, taken=_taken(kind, beside.others), known=_known(beside.plan))
    try:
        wrong = faults(tree, screen)
    except RecursionError:
        wrong = ["it is nested too deeply"]
    if wrong:
        return _refused("CODE_REFUSED", "; ".join(wrong[:FAULTS_TOLD]))
    return Drafted(code=code)


def _is_list(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(cast("dict[str, Any]", value).get("hooks"), list)


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value["hooks"])


def _refused(reason: str, fault: str) -> Drafted:
    return Drafted(reason=reason, fault=fault)


def _code(answer: str) -> str:
    """Returns the longest block of Python between fences; the whole answer where there are no fences."""
    blocks = [text for language, text in FENCE.findall(answer) if language.lower() in {"", "py", "python", "python3"}]
    return max(blocks, key=len, default=answer).strip("\n") + "\n"


def _taken(kind: Kind, others: Iterable[Hook]) -> frozenset[str]:
    """Returns the names of a file of which the others' code is a part."""
    texts = [each.code if kind is Kind.HOOK else each.tests for each in others]
    names = {name for text in texts for name, _ in defined(ast.parse(text))}
    return frozenset({*names, "hooks"} if kind is Kind.HOOK else names)


def _known(plan: Plan) -> frozenset[str]:
    fields = {each.name for entity in plan.spec.entities for each in entity.fields}
    return frozenset(fields | {name for each in plan.spec.relations for name in (each.name, each.inverse)})
