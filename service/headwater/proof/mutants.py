"""Breaks a project on purpose, one check at a time: its own tests must notice, or they are worth nothing.

Two kinds of damage: a cell of the permission matrix is opened to all rows, or a bound is dropped from what a field can
hold. The edits are made in the text, at places that the syntax tree names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.proof import Status, Subject
from headwater.proof.backend import BACKEND, environment
from headwater.proof.checks import Check, Finding, Ground, not_run
from headwater.proof.places import Program, python
from headwater.synthesis.project import naming
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.payloads import owner_relation
from headwater.synthesis.project.spec import Action, Entity, Field, FieldType

MATRIX = f"{BACKEND}/app/generated/permissions.py"
SCHEMAS = f"{BACKEND}/app/generated/schemas/"
LOWER, UPPER = frozenset({"min_length", "ge"}), frozenset({"max_length", "le"})
ROUTES = {
    Action.CREATE: RouteKind.CREATE, Action.READ: RouteKind.GET, Action.UPDATE: RouteKind.UPDATE,
    Action.DELETE: RouteKind.DELETE,
}  # fmt: skip
STRICT = frozenset({FieldType.EMAIL, FieldType.URL, FieldType.PHONE})
"""Types that refuse what is too short by themselves, so that a bound less changes nothing."""
FAILED = 1
"""The exit code of pytest where tests failed; any other is no verdict on the damage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A file with one check less, and what was dropped."""

    path: str
    text: str
    what: str
    tests: str
    """The tests that are the first to know."""


def opened(plan: Plan, text: str) -> Iterator[Mutant]:
    """Yields mutants of the matrix: what was allowed on one's own rows, or on none, is allowed on all."""
    for role, entity, rule in _rules(text):
        given = {each.arg: each for each in rule.keywords}
        for action, kind in ROUTES.items():
            found = plan.spec.entity(entity)
            if found is None or plan.interface.route(kind, entity) is None or not _matters(plan, found, action):
                continue
            tests = _tests(found)
            keyword, what = given.get(action), f"{role} may {action} all {found.plural}"
            if keyword is None:
                changed = _edited(text, rule, f"{ast.unparse(rule)[:-1]}, {action}=Scope.ALL)")
                yield Mutant(path=MATRIX, text=changed, what=f"{what} instead of none", tests=tests)
            elif isinstance(keyword.value, ast.Attribute) and keyword.value.attr == "OWN":
                changed = _edited(text, keyword.value, "Scope.ALL")
                yield Mutant(path=MATRIX, text=changed, what=f"{what} instead of the own", tests=tests)


def _matters(plan: Plan, entity: Entity, action: Action) -> bool:
    """Whether OWN and ALL differ: who creates a row owns it either way where that is set by the server."""
    return action is not Action.CREATE or owner_relation(plan.spec, entity) is None


def unbounded(entity: Entity, text: str) -> Iterator[Mutant]:
    """Yields mutants of the fields of an entity: one without a bound that was asked for."""
    fields = {f"{entity.name}{_pascal(each.name)}": each for each in entity.fields if each.type not in STRICT}
    for node in ast.parse(text).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        field = fields.get(target.id) if isinstance(target, ast.Name) else None
        for call in ast.walk(node) if field is not None else ():
            if isinstance(call, ast.Call):
                for keyword in call.keywords:
                    if field is not None and _asked(field, keyword.arg or ""):
                        what = f"{entity.plural} hold {field.name} without {ast.unparse(keyword)}"
                        changed = _edited(text, call, _without(call, keyword))
                        yield Mutant(path=_schema(entity), text=changed, what=what, tests=_tests(entity))


def _asked(field: Field, bound: str) -> bool:
    low, high = field.minimum is not None, field.maximum is not None
    return (low and bound in LOWER) or (high and bound in UPPER)


def chosen(plan: Plan, subject: Subject, most: int) -> list[Mutant]:
    """Returns as many mutants as asked for, half of each kind, spread over all that there are."""
    matrix = list(opened(plan, subject.text(MATRIX) or ""))
    fields = [mutant for each in plan.spec.entities for mutant in unbounded(each, subject.text(_schema(each)) or "")]
    return [*_spread(matrix, most - most // 2), *_spread(fields, most // 2)]


def _schema(entity: Entity) -> str:
    return f"{SCHEMAS}{naming.snake(entity.name)}.py"


def _tests(entity: Entity) -> str:
    return f"tests/generated/test_{entity.plural}.py"


def _pascal(name: str) -> str:
    return "".join(each.capitalize() for each in name.split("_"))


def _spread(found: Sequence[Mutant], most: int) -> list[Mutant]:
    count = min(most, len(found))
    return [found[number * len(found) // count] for number in range(count)]


def _rules(text: str) -> Iterator[tuple[str, str, ast.Call]]:
    """Yields the cells of the matrix: role, entity, and the call that says what is allowed."""
    for node in ast.walk(ast.parse(text)):
        for role, inner in _items(node):
            for entity, rule in _items(inner):
                if isinstance(rule, ast.Call):
                    yield role, entity, rule


def _items(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, value


def _without(call: ast.Call, keyword: ast.keyword) -> str:
    kept = [each for each in call.keywords if each is not keyword]
    return ast.unparse(ast.Call(func=call.func, args=call.args, keywords=kept))


def _edited(text: str, node: ast.expr, by: str) -> str:
    """Replaces a node; the columns of a syntax tree count bytes."""
    lines = text.splitlines(keepends=True)
    end = node.end_lineno or node.lineno
    first, last = lines[node.lineno - 1].encode(), lines[end - 1].encode()
    whole = (first[: node.col_offset] + by.encode() + last[node.end_col_offset :]).decode()
    return "".join([*lines[: node.lineno - 1], whole, *lines[end:]])


async def _mutants(ground: Ground) -> Finding:
    found = chosen(ground.plan, ground.subject, ground.limits.mutants)
    if not found:
        return not_run("There is no permission and no bound that could be dropped.")
    told = list[str]()
    survived = 0
    for mutant in found:
        code = await _tested(ground, mutant)
        survived += code != FAILED
        verdict = "noticed" if code == FAILED else "not noticed" if code == 0 else f"no verdict, exit code {code}"
        told.append(f"{mutant.what}: {verdict}")
    reason = f"{survived} of {len(found)} dropped checks were not noticed by the tests." if survived else ""
    return Finding(status=Status.FAILED if survived else Status.PASSED, said="\n".join(told), reason=reason)


async def _tested(ground: Ground, mutant: Mutant) -> int | None:
    """Runs the tests against a mutant, and puts the file back as it was."""
    original = ground.subject.text(mutant.path)
    assert original is not None
    try:
        done = await ground.place.run(
            Program(
                argv=[
                    python(ground.tools),
                    "-m",
                    "pytest",
                    "-q",
                    "-x",
                    "-p",
                    "no:cacheprovider",
                    mutant.tests,
                    "tests",
                ],
                cwd=BACKEND,
                seconds=ground.at_most(ground.limits.rung_seconds),
                environment=environment(),
                files={mutant.path: mutant.text},
            )
        )
    finally:
        await ground.place.run(Program(argv=["/bin/true"], seconds=1, files={mutant.path: original}))
    return done.code


MUTANTS = Check(name="mutants", command="drop a permission or a bound; pytest must fail", run=_mutants)
