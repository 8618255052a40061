"""Names tests after what they show: the symbol, its outcome, the edge of the input."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Set as AbstractSet

from headwater.synthesis.edges import edges
from headwater.synthesis.observations import Case

LONGEST = 90
"""Names beyond this are cut at a word."""
OPERATIONS = {
    "len": "length", "str": "text", "repr": "repr", "bool": "truth", "iter": "iteration", "eq": "equality",
    "ne": "inequality", "lt": "less_than", "le": "at_most", "gt": "greater_than", "ge": "at_least", "add": "addition",
    "sub": "subtraction", "mul": "multiplication", "truediv": "division", "contains": "membership",
    "getitem": "item", "setitem": "item_assignment", "delitem": "item_removal", "hash": "hash", "call": "call",
}  # fmt: skip
KINDS = {
    "str": "text", "bytes": "bytes", "int": "number", "float": "number", "list": "list", "tuple": "tuple",
    "dict": "dict", "set": "set", "bool": "flag",
}  # fmt: skip


def test_name(case: Case, taken: AbstractSet[str]) -> str:
    """Returns a name for the test of one case that is not taken."""
    found = edges(case)
    stem = f"{subject(case)}_{outcome(case)}"
    where = f"_{_place(case, found[0])}" if found else ""
    candidates = [f"{stem}{where}"]
    candidates += [f"{stem}_{_place(case, edge)}" for edge in found[1:]]
    candidates += [f"{stem}{where}_{detail}" for detail in _details(case)]
    return unused(candidates, taken)


def unused(stems: list[str], taken: AbstractSet[str]) -> str:
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
    if case.error:
        error = snake(case.error.rpartition(".")[2])
        return f"rejects_{snake(edges(case)[0])}" if _is_refusal(case) else f"raises_{error}"
    changed = [check.of for check in case.checks if check.of.startswith("{")]
    returned = [check for check in case.checks if not check.of.startswith(("{", "(tmp_path"))]
    if not returned and not changed and case.checks:
        return "writes_a_file"
    if case.style == "construct":
        kept = [_attribute(check.of) for check in returned if check.operator != "isinstance"]
        if not kept:
            return "prints_output"
        return f"keeps_{'_and_'.join(kept)}" if len(kept) <= 2 else "keeps_its_attributes"  # noqa: PLR2004 — past reading
    if changed and (not returned or returned[0].text in ("None", "{self}")):
        return f"changes_{_changed(case, changed[0])}"
    if not returned:
        return "prints_output"
    return f"{'is' if case.style == 'property' else 'returns'}_{value_words(returned[0].operator, returned[0].text)}"


def value_words(operator: str, text: str) -> str:  # noqa: PLR0911 — one line per kind
    """Returns the words for a value: `none`, `true`, `empty_list`, `text`."""
    if operator == "isnan":
        return "nan"
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Constant):
        if node.value is None or isinstance(node.value, bool):
            return str(node.value).lower()
        if node.value in ("", b""):
            return f"empty_{KINDS[type(node.value).__name__]}"
        if node.value == 0:
            return "zero"
        return KINDS.get(type(node.value).__name__, "value")
    if isinstance(node, ast.UnaryOp):
        return "negative_number"
    for kind in (ast.List, ast.Tuple, ast.Dict, ast.Set):
        if isinstance(node, kind):
            items = node.keys if isinstance(node, ast.Dict) else node.elts  # type: ignore[attr-defined]
            return kind.__name__.lower() if items else f"empty_{kind.__name__.lower()}"
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
    return snake(name.rpartition(".")[2]) or "value"


def snake(text: str) -> str:
    """Turns a name into lower-case words joined by underscores."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def variable(name: str, taken: AbstractSet[str]) -> str:
    """Returns a name for a variable that hides nothing."""
    found = snake(name) or "value"
    while found in taken or keyword.iskeyword(found):
        found = f"{found}_"
    return found


def _is_refusal(case: Case) -> bool:
    """Whether the one edge of the input is what the code refuses in words of its own."""
    return case.basis == "contract" and len(edges(case)) == 1 and case.error.endswith(("ValueError", "TypeError"))


def _place(case: Case, edge: str) -> str:
    if edge == "after earlier calls":
        return "after_" + "_and_".join(dict.fromkeys(_called(text) for text in case.before))
    words = snake(edge)
    return "" if case.error and _is_refusal(case) and edge == edges(case)[0] else f"for_{words}"


def _called(text: str) -> str:
    found = re.match(r"\{self\}\.(\w+)", text)
    if found is not None:
        return snake(found.group(1))
    if text.startswith("monkeypatch"):
        return "input" if "builtins.input" in text else "setting_the_environment"
    return "writing_a_file"


def _attribute(of: str) -> str:
    return snake(of.removeprefix("result").strip(".()")) or "value"


def _changed(case: Case, of: str) -> str:
    if of.startswith("{self}"):
        return snake(of.removeprefix("{self}"))
    index = re.match(r"\{(\d+)\}", of)
    return snake(case.arguments[min(int(index.group(1)), len(case.arguments) - 1)].name) if index else "state"


def _details(case: Case) -> list[str]:
    """Words that tell a case from one with the same edge: short plain arguments."""
    found: list[str] = []
    for argument in case.given:
        words = snake(argument.text) if isinstance(ast.parse(argument.text, mode="eval").body, ast.Constant) else ""
        if words and len(words) <= 24:  # noqa: PLR2004 — longer ones do not read as a name
            found.append(f"with_{snake(argument.name)}_{words}")
    return found


def _cut(stem: str) -> str:
    stem = re.sub(r"_+", "_", stem).strip("_")
    return stem if len(stem) <= LONGEST else stem[:LONGEST].rpartition("_")[0]
