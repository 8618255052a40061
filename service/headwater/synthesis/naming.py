"""Names tests after what they show: the symbol, its outcome, and the situation where it is not the plain one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from headwater.synthesis.observations import Case
from headwater.synthesis.situations import differences, refused, shared_situations, situations
from headwater.synthesis.wording import snake, value_words

LONGEST = 90
"""Names beyond this are cut at a word."""
OPERATIONS = {
    "len": "length", "str": "text", "repr": "repr", "bool": "truth", "iter": "iteration", "eq": "equality",
    "ne": "inequality", "lt": "less_than", "le": "at_most", "gt": "greater_than", "ge": "at_least", "add": "addition",
    "sub": "subtraction", "mul": "multiplication", "truediv": "division", "contains": "membership",
    "enter": "entering", "exit": "leaving", "next": "next_item", "reversed": "reversal", "missing": "missing_key",
    "getitem": "item", "setitem": "item_assignment", "delitem": "item_removal", "hash": "hash", "call": "call",
}  # fmt: skip


def test_name(case: Case, taken: AbstractSet[str], before: Sequence[Case]) -> str:
    """Returns a name for the test of one case that is not taken; `before` are those of the symbol that are written."""
    stem = f"{subject(case)}_{outcome(case)}"
    stems = [f"{stem}_{each}" for each in situations(case)] or [stem]
    return unused([*stems, *(f"{stems[0]}_{each}" for each in differences(case, before))], taken)


def table_name(group: Sequence[Case], taken: AbstractSet[str], before: Sequence[Case]) -> str:
    """Returns a name for the table of some cases that is not taken."""
    first = group[0]
    stem = f"{subject(first)}_{_outcomes(group)}"
    if first.is_law:
        return unused([stem], taken)
    shared = [f"{stem}_{each}" for each in shared_situations(group, before)]
    return unused([*(shared[:1] if first.error else ()), stem, *shared, f"{stem}_for_more"], taken)


def _outcomes(group: Sequence[Case]) -> str:
    """Returns the words for what happens in every case of a table."""
    first = group[0]
    if first.is_law:
        return outcome(first)
    if first.error:
        return f"raises_{snake(first.error.rpartition('.')[2])}"
    kinds = {value_words(case.checks[0].operator, case.checks[0].text) for case in group}
    kinds = {kind.removeprefix("empty_").removeprefix("negative_").replace("zero", "number") for kind in kinds}
    kind = kinds.pop() if len(kinds) == 1 else "expected_value"
    return f"{'is' if first.style == 'property' else 'returns'}_{kind}"


def reproduction_name(case: Case, raised: str) -> str:
    """Returns a name for the test that shows a suspected bug: what it should do, or what it should not raise."""
    if not raised:
        return test_name(case, frozenset(), ())
    stem = f"{subject(case)}_raises_no_{snake(raised)}"
    return unused([*(f"{stem}_{each}" for each in situations(case)), stem], frozenset())


def unused(stems: Sequence[str], taken: AbstractSet[str]) -> str:
    """Returns the first of the names that is free; numbers the first one where none is."""
    names = [f"test_{_cut(stem)}" for stem in stems]
    for name in names:
        if name not in taken:
            return name
    number = 2
    while f"{names[0]}_{number}" in taken:
        number += 1
    return f"{names[0]}_{number}"


def subject(case: Case) -> str:
    """Returns the words for what is called: `cart_total`, `cart_length` for `__len__`."""
    parts = [part for part in case.symbol.split(".") if part]
    last = re.fullmatch(r"__(\w+)__", parts[-1])
    if last is not None:
        parts[-1] = OPERATIONS.get(last.group(1), last.group(1))
    return "_".join(filter(None, (snake(part) for part in parts)))


def outcome(case: Case) -> str:  # noqa: PLR0911 — one line per outcome
    """Returns the words for what happens: `raises_value_error`, `returns_none`, `changes_items`, `prints`."""
    if case.is_law:
        inner = case.callee.split("(")[1].rpartition(".")[2]
        return f"undoes_{snake(inner)}" if case.style == "inverse" else "is_idempotent"
    if case.error:
        error = snake(case.error.rpartition(".")[2])
        return f"rejects_{words}" if (words := refused(case)) else f"raises_{error}"
    changed = [check.of for check in case.checks if "{" in check.of]
    returned = [check for check in case.checks if "{" not in check.of and not check.of.startswith("(tmp_path")]
    if not returned and not changed and case.checks:
        return "writes_a_file"
    if case.style == "construct":
        kept = [_attribute(check.of) for check in returned if check.operator != "isinstance"]
        if not kept:
            return "prints_output"
        return f"keeps_{'_and_'.join(kept)}" if len(kept) <= 2 else "keeps_its_attributes"  # noqa: PLR2004 — past reading
    if changed and (not returned or returned[0].text in ("None", "{self}")):
        what = _changed(case, changed[0])
        return f"changes_{what}" if case.changed else f"leaves_{what}_as_it_is"
    if not returned:
        return "prints_output"
    if returned[0].of == "result.exit_code":
        return f"exits_with_{returned[0].text}"
    return f"{'is' if case.style == 'property' else 'returns'}_{value_words(returned[0].operator, returned[0].text)}"


def _attribute(of: str) -> str:
    return snake(re.sub(r"^(?:str|len)\((.*)\)$", r"\1", of).removeprefix("result").strip(".()")) or "value"


def _changed(case: Case, of: str) -> str:
    if "({self})" in of:
        return "its_items"
    if "{self}" in of:
        return snake(of.replace("{self}", "")) or "state"
    index = re.match(r"\{(\d+)\}", of)
    return snake(case.arguments[min(int(index.group(1)), len(case.arguments) - 1)].name) if index else "state"


def _cut(stem: str) -> str:
    stem = re.sub(r"_+", "_", stem).strip("_")
    return stem if len(stem) <= LONGEST else stem[:LONGEST].rpartition("_")[0]
