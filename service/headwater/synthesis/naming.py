"""Names tests after what they show: the symbol, its outcome, the edge of the input."""

from __future__ import annotations

import ast
import itertools
import keyword
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from headwater.synthesis.edges import edges
from headwater.synthesis.observations import Case

LONGEST = 90
"""Names beyond this are cut at a word."""
SHORT = 24
"""Words for one value beyond this do not read as a part of a name."""
MARKS = {
    ".": "dot", ",": "comma", ":": "colon", ";": "semicolon", "-": "dash", "/": "slash", "\\": "backslash",
    "(": "paren", ")": "paren", "[": "bracket", "]": "bracket", "{": "brace", "}": "brace", "<": "angle",
    ">": "angle", "=": "equals",
    "+": "plus", "*": "star", "%": "percent", "&": "ampersand", "!": "bang", "?": "question_mark", "#": "hash",
    "@": "at", "'": "quote", '"': "quote", "|": "pipe", "~": "tilde", "$": "dollar", "^": "caret", "\n": "newline",
    "\t": "tab", " ": "blank", "_": "underscore",
}  # fmt: skip
OPERATIONS = {
    "len": "length", "str": "text", "repr": "repr", "bool": "truth", "iter": "iteration", "eq": "equality",
    "ne": "inequality", "lt": "less_than", "le": "at_most", "gt": "greater_than", "ge": "at_least", "add": "addition",
    "sub": "subtraction", "mul": "multiplication", "truediv": "division", "contains": "membership",
    "enter": "entering", "exit": "leaving", "next": "next_item", "reversed": "reversal", "missing": "missing_key",
    "getitem": "item", "setitem": "item_assignment", "delitem": "item_removal", "hash": "hash", "call": "call",
}  # fmt: skip
KINDS = {
    "str": "text", "bytes": "bytes", "int": "number", "float": "number", "list": "list", "tuple": "tuple",
    "dict": "dict", "set": "set", "bool": "flag",
}  # fmt: skip


def test_name(case: Case, taken: AbstractSet[str], before: Sequence[Case]) -> str:
    """Returns a name for the test of one case that is not taken: it says what none of those `before` shows as well."""
    found = edges(case)
    stem = f"{subject(case)}_{outcome(case)}"
    where = f"_{_place(case, found[0])}" if found else ""
    candidates = [f"{stem}{where}"]
    candidates += [f"{stem}_{_place(case, edge)}" for edge in found[1:]]
    known = {detail for other in before for detail in _details(other)}
    details = sorted(_details(case), key=lambda detail: detail in known)
    candidates += [f"{stem}{where}_{detail}" for detail in details]
    return unused(candidates, taken)


def reproduction_name(case: Case, raised: str) -> str:
    """Returns a name for the test that shows a suspected bug: what it should do, or what it should not raise."""
    if not raised:
        return test_name(case, frozenset(), ())
    found = edges(case)
    where = f"_{_place(case, found[0])}" if found else ""
    return unused([f"{subject(case)}_raises_no_{snake(raised)}{where}"], frozenset())


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


def common_details(group: Sequence[Case]) -> list[str]:
    """Returns words that hold for every case of a table and may tell it from another: what varies and what does not."""
    shared = {each for each in _details(group[0]) if all(each in _details(case) for case in group)}
    varying = [
        snake(each.name)
        for index, each in enumerate(group[0].given)
        if len({case.given[index].text for case in group}) > 1
    ]
    return [
        *(f"for_{snake(each)}" for each in edges(group[0]) if all(each in edges(case) for case in group)),
        *(each for each in _details(group[0]) if each in shared),
        *([f"for_each_{'_and_'.join(varying)}"] if varying else []),
    ]


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
        return f"rejects_{snake(edges(case)[0])}" if _is_refusal(case) else f"raises_{error}"
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
        return "after_" + "_and_".join(dict.fromkeys(words for text in case.before if (words := _called(text))))
    words = snake(edge)
    return "" if case.error and _is_refusal(case) and edge == edges(case)[0] else f"for_{words}"


def _called(text: str) -> str:
    """Returns the words for what is done before the act: `append`, `setting_limit`, `patching_getcwd`."""
    node = ast.parse(text.replace("{self}", "self"), mode="eval").body
    given = node.args if isinstance(node, ast.Call) else []
    name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    first = described(ast.unparse(given[0])) if given else ""
    if name in {"setattr", "delattr"}:
        return f"{'setting' if name == 'setattr' else 'deleting'}_{described(ast.unparse(given[1]))}"
    if name.endswith(("__setitem__", "__delitem__")):
        return f"{'setting' if 'set' in name else 'deleting'}_item_{first}"
    if name == "monkeypatch.setattr":
        return f"patching_{snake(str(getattr(given[0], 'value', '')).rpartition('.')[2])}"
    if name == "monkeypatch.setenv":
        return f"setting_{first}"
    if name.startswith("self."):
        return snake(name.removeprefix("self."))
    return "changing_the_folder" if name == "monkeypatch.chdir" else "writing_a_file"


def _attribute(of: str) -> str:
    return snake(re.sub(r"^(?:str|len)\((.*)\)$", r"\1", of).removeprefix("result").strip(".()")) or "value"


def _changed(case: Case, of: str) -> str:
    if "({self})" in of:
        return "its_items"
    if "{self}" in of:
        return snake(of.replace("{self}", "")) or "state"
    index = re.match(r"\{(\d+)\}", of)
    return snake(case.arguments[min(int(index.group(1)), len(case.arguments) - 1)].name) if index else "state"


def _details(case: Case) -> list[str]:
    """Words that tell a case from one with the same edge: its arguments, its object, what came before, one or two."""
    found = [f"with_{snake(each.name)}_{words}" for each in case.given if (words := described(each.text))]
    made = ast.parse(case.receiver, mode="eval").body if case.receiver else None
    if isinstance(made, ast.Call):
        parts = [*made.args, *[each.value for each in made.keywords]]
        found += [f"of_{words}" for each in parts if (words := described(ast.unparse(each)))]
    elif made is not None:
        found += [f"of_{words}" for words in [described(case.receiver)] if words]
    found += [f"after_{_called(text)}" for text in case.before]
    found += [f"giving_{words}" for check in case.checks if (words := _expected(check.text))]
    pairs = [f"{one}_{other.removeprefix('with_')}" for one, other in itertools.combinations(found, 2)]
    return [*found, *pairs]


def _expected(text: str) -> str:
    return described(text) if text and "{" not in text else ""


def described(text: str) -> str:  # noqa: PLR0911 — one line per kind
    """Returns short words for a value: `abc`, `minus_1`, `list_of_2`, `date`, `large`; empty where there are none."""
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Constant):
        return _shortened(node.value if isinstance(node.value, str) else text)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"minus_{snake(ast.unparse(node.operand))}"
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _of_items(type(node).__name__.lower(), node.elts)
    if isinstance(node, ast.Dict):
        return _of_items("dict", [key for key in node.keys if key is not None])
    if isinstance(node, ast.Lambda):
        result = described(ast.unparse(node.body))
        return f"function_giving_{result}" if result else "function"
    if isinstance(node, ast.Call):
        first = described(ast.unparse(node.args[0])) if node.args else ""
        return "_".join(filter(None, (snake(ast.unparse(node.func).rpartition(".")[2]), first)))[:SHORT].strip("_")
    return _shortened(text.rpartition(".")[2])


def _of_items(kind: str, items: Sequence[ast.expr]) -> str:
    if not items:
        return f"empty_{kind}"
    first = described(ast.unparse(items[0]))
    return f"{kind}_of_{first}" if first and len(items) == 1 else f"{kind}_of_{len(items)}"


def _shortened(text: str) -> str:
    """Cuts words at a boundary; text that consists of marks only is called after them."""
    words = snake(text) or "_".join(dict.fromkeys(MARKS.get(mark, "") for mark in text)).strip("_")
    return words if len(words) <= SHORT else words[: SHORT + 1].rpartition("_")[0] or words[:SHORT]


def _cut(stem: str) -> str:
    stem = re.sub(r"_+", "_", stem).strip("_")
    return stem if len(stem) <= LONGEST else stem[:LONGEST].rpartition("_")[0]
