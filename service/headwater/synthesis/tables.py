"""Writes tables: one parametrised test for cases that differ in values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from headwater.synthesis.edges import edges
from headwater.synthesis.observations import Case, Check
from headwater.synthesis.rendering import NOTHING, WIDTH, call_text, condition, layout_of, raising, wrapped
from headwater.synthesis.wording import variable

EXPECTED = "expected"
"""The column that says what is returned."""


def alike(case: Case) -> tuple[object, ...] | None:
    """Returns what cases of one table have in common; None for a case that needs a test of its own."""
    simple = not case.before and not case.prints and case.wrap in ("", "await", "list")
    if not simple or not case.given or any("tmp_path" in each.text for each in case.given):
        return None
    if any(each.how in ("star", "double") for each in case.given):
        return None
    functions = tuple(each.text for each in case.given if "lambda" in each.text)  # in a row they are past reading
    names = tuple((each.name, each.how) for each in case.given)
    shape = (case.style, case.receiver, case.wrap, names, case.basis, functions)
    if case.error:
        return (*shape, case.error, case.message)
    if len(case.checks) != 1 or case.checks[0].of != "result" or case.checks[0].operator in ("isnan", "isinstance"):
        return None
    check = case.checks[0]
    if check.text == "{self}":
        return None
    return (*shape, check.text if check.operator == "is" else "")


def render_table(
    name: str, cases: Sequence[Case], hidden: AbstractSet[str], shared: Mapping[str, str] = NOTHING
) -> str:
    """Writes one parametrised test for cases that are `alike`."""
    first = cases[0]
    columns = [index for index in range(len(first.given)) if len({case.given[index].text for case in cases}) > 1]
    own = [shared[first.receiver]] if first.shares and first.receiver in shared else []
    names = [variable(first.given[index].name, hidden | {*own}) for index in columns]
    arguments = [each.text for each in first.given]
    for column, parameter in zip(columns, names, strict=True):
        arguments[column] = parameter
    rows = [[case.given[index].text for index in columns] for case in cases]
    check = _check(cases)
    if check is not None and check.text == EXPECTED:
        rows = [[*row, case.checks[0].text] for row, case in zip(rows, cases, strict=True)]
        names.append(EXPECTED)
    layout = layout_of(first, frozenset(names), tuple(arguments), shared)
    act = call_text(first, layout.receiver, layout.arguments)
    body = raising(first, act) if check is None else [f"assert {condition(check, wrapped(first, act), layout)}"]
    return "\n".join(
        [
            *_parametrized(names, rows, [""] * len(rows) if first.error else _identities(cases)),
            f"def {name}({', '.join([*own, *names])}):",
            *(f"    {line}" for line in (*layout.lines, *body)),
        ]
    )


def _check(cases: Sequence[Case]) -> Check | None:
    """Returns what holds in each case: the same for all, or what a column says; None where all raise."""
    check = cases[0].checks[0] if cases[0].checks else None
    if check is None or len({case.checks[0].text for case in cases}) == 1:
        return check
    inexact = any(case.checks[0].operator == "approx" for case in cases)
    return Check(of=check.of, operator="approx" if inexact else "==", text=EXPECTED)


def _identities(cases: Sequence[Case]) -> list[str]:
    """Returns for each case at an edge, where it is the only one there, what the edge is; for the others nothing."""
    found = [edges(case)[:1] for case in cases]
    return [each[0] if each and found.count(each) == 1 else "" for each in found]


def _parametrized(names: Sequence[str], rows: Sequence[Sequence[str]], identities: Sequence[str]) -> list[str]:
    """Writes the decorator of a table: in one line where rows are single short values, else with a line for each."""
    head = repr(names[0]) if len(names) == 1 else f"({', '.join(map(repr, names))})"
    listed = [_row(row, identity) for row, identity in zip(rows, identities, strict=True)]
    line = f"@pytest.mark.parametrize({head}, [{', '.join(listed)}])"
    if len(names) == 1 and len(line) <= WIDTH:
        return [line]
    return ["@pytest.mark.parametrize(", f"    {head},", "    [", *(f"        {row}," for row in listed), "    ],", ")"]


def _row(values: Sequence[str], identity: str) -> str:
    if identity:
        return f"pytest.param({', '.join(values)}, id={identity!r})"
    return values[0] if len(values) == 1 else f"({', '.join(values)})"
