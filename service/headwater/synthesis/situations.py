"""Says in which situation a case is: what its input is at the edge of, what the code says of it, what is not plain."""

from __future__ import annotations

import ast
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from headwater.synthesis.edges import NONE, edge_of, edges
from headwater.synthesis.observations import Argument, Case, Check
from headwater.synthesis.wording import described, short, snake

REASONS = ("unknown", "invalid", "missing", "unsupported", "duplicate", "unexpected", "illegal", "bad")
"""First words of a message that say what is wrong with what follows them."""
SENTENCE = 6
"""How many words of a message are a part of a name."""
NOTHING = frozenset({"None", "False", "0", "[]", "()", "{}", "''", '""'})
"""What an attribute is that says no more than that there is nothing."""
VAGUE = "with_another_"
"""How words begin that say what differs and not how."""
DANGLING = "to|for|of|is|are|the|an?|that|at|in|with|by|on|from|as|and|or|but|got|not"
"""Words with which nothing ends."""
ARTICLE = 2
"""A text this short stands in a message of its own accord."""
LOOKUPS = ("KeyError", "IndexError", "AttributeError")
"""Errors that tell what was looked for and not found."""


def refused(case: Case) -> str:
    """Returns what the code refuses in words of its own, as `empty_title` or `unknown_currency`; empty for nothing."""
    if case.basis != "contract" or not case.error.endswith(("ValueError", "TypeError")):
        return ""
    reason, found = _reason(case), edges(case)
    if reason.startswith("for_"):
        return reason.removeprefix("for_")
    return snake(found[0]) if len(found) == 1 and (not reason or _speaks_of(case, found[0])) else ""


def situations(case: Case) -> list[str]:
    """Returns words for what is special about a case by itself: the edges of its input, what the code says of it."""
    if refused(case):
        return []
    reason, found = _reason(case), edges(case)
    at_edges = [_at_edge(case, each) for each in found]
    spoken = any(_speaks_of(case, each) for each in found)
    return list(dict.fromkeys(filter(None, [*at_edges, reason] if spoken else [reason, *at_edges])))


def differences(case: Case, before: Sequence[Case]) -> Iterator[str]:
    """Yields words for what tells a case from the first of its symbol that was written, then for what comes of it."""
    plain = before[0] if before else None
    different = list(dict.fromkeys(filter(None, _differences(case, plain))))
    vague = [each for each in different if each.startswith(VAGUE)]
    clear = [each for each in different if each not in vague]
    found = list(dict.fromkeys([*clear, *(_outcomes_beside(case, plain) if plain is not None else ()), *vague]))
    yield from found
    yield from (f"{one}_{_joined(other)}" for one, other in itertools.combinations(found, 2))
    plainly = [check for check in case.checks if not check.of.startswith("result.")]
    yield from (f"giving_{words}" for check in plainly if (words := _expected(check)))


def _outcomes_beside(case: Case, plain: Case) -> Iterator[str]:
    """Yields words for the attributes of what is returned that are not as in the plain case."""
    usual = {check.of: check.text for check in plain.checks}
    for check in case.checks:
        attribute = re.match(r"(?:len\()?result\.([A-Za-z]\w*)", check.of)
        if attribute is not None and usual.get(check.of) != check.text:
            yield f"having_{'no_' if check.text in NOTHING else ''}{snake(attribute.group(1))}"


def shared_situations(group: Sequence[Case], before: Sequence[Case]) -> Iterator[str]:
    """Yields words that hold for every case of a table, then what it goes through."""
    every = [[_reason(each), *situations(each), *differences(each, before)] for each in group]
    yield from (words for words in every[0] if words and all(words in others for others in every))
    first = group[0]
    varying = [
        snake(argument.name)
        for index, argument in enumerate(first.given)
        if len({case.given[index].text for case in group}) > 1
    ]
    yield from filter(None, [short(f"by_{'_and_'.join(varying)}")])


def _at_edge(case: Case, edge: str) -> str:
    if edge == "after earlier calls":
        steps = Counter(words for text in case.before if (words := _called(text)))
        return "after_" + "_and_".join(f"{words}_twice" if count > 1 else words for words, count in steps.items())
    return f"without_{snake(edge.removesuffix(NONE))}" if edge.endswith(NONE) else f"for_{snake(edge)}"


def _speaks_of(case: Case, edge: str) -> bool:
    """Whether the message of an error mentions what is at an edge."""
    words = {word for word in snake(edge).split("_") if word not in ("zero", "negative", "empty", "none", "long")}
    said = snake(case.message)
    return not case.message or edge == "after earlier calls" or any(word.removesuffix("s") in said for word in words)


def _reason(case: Case) -> str:
    """Returns what an error says, as far as it does not quote its input: `for_unknown_currency`, `as_it_is_closed`."""
    if case.error.endswith(LOOKUPS):
        said = (case.message, repr(case.message))
        missing = next((each for each in case.given if ast.unparse(ast.parse(each.text, mode="eval")) in said), None)
        return f"for_missing_{snake(missing.name)}" if missing is not None else ""
    if not case.error or case.basis != "contract":
        return ""
    said = re.split(r"[:;.(\n]|->|['\"]|\d", case.message)[0]
    for each in _quoted((case.receiver, *(each.text for each in case.given))):
        said = re.split(rf"\b{re.escape(each)}\b", said)[0]
    words = re.sub(rf"(?:^|_)(?:(?:{DANGLING})(?:_|$))+$", "", snake(said)).split("_")
    if words[0] in REASONS and len(words) > 1:
        return f"for_{'_'.join(words[:3])}"
    return f"as_{'_'.join(words)}" if 1 < len(words) <= SENTENCE else ""


def _quoted(expressions: Iterable[str]) -> Iterator[str]:
    """Yields the texts in expressions that a message may quote."""
    nodes = (node for text in expressions if text for node in ast.walk(ast.parse(text, mode="eval")))
    yield from (
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.strip()) > ARTICLE
    )


def _differences(case: Case, plain: Case | None) -> Iterator[str]:
    """Yields words for each thing that differs from the plain case of the same symbol."""
    usual = {each.name: each.text for each in plain.given} if plain is not None else {}
    unusual = [each for each in case.given if each.text != usual.get(each.name)]
    for each in sorted(unusual, key=lambda argument: argument.name in usual):
        yield _with(each, is_new=plain is not None and each.name not in usual)
    yield from (f"without_{snake(name)}" for name in usual if name not in {each.name for each in case.given})
    if plain is None or case.receiver != plain.receiver:
        yield from _of_receiver(case.receiver, plain.receiver if plain is not None else "")
    if plain is not None and not case.before and plain.before:
        yield "at_first"


def _with(argument: Argument, *, is_new: bool) -> str:
    """Returns words for an argument that is not the usual one; its name alone where it is usually left out."""
    name = snake(argument.name)
    if argument.text in ("True", "False"):
        asked = re.sub(r"^(?:is|has|use|with|enable|allow)_", "", name)
        return f"with_{asked}" if argument.text == "True" else f"without_{asked}"
    if argument.how in ("star", "double"):
        return f"with_{name}"
    words = described(argument.text) if not edge_of(argument) else ""
    if words in ("", name):
        return f"with_{name}" if is_new else f"{VAGUE}{name}"
    return f"with_{words}" if words.endswith(name) else f"with_{name}_{words}"


def _of_receiver(text: str, usual: str) -> Iterator[str]:
    """Yields words for what an object is made with beside the usual."""
    made, other = (ast.parse(each, mode="eval").body if each else None for each in (text, usual))
    if not isinstance(made, ast.Call):
        yield f"of_{words}" if text and (words := described(text)) else ""
        return
    known = {ast.unparse(each) for each in [*getattr(other, "args", ()), *getattr(other, "keywords", ())]}
    for named in made.keywords:
        if named.arg and ast.unparse(named) not in known:
            yield _with(Argument(name=named.arg, how="keyword", text=ast.unparse(named.value)), is_new=True)
    for each in made.args:
        words = described(ast.unparse(each))
        if ast.unparse(each) not in known and words:
            yield f"of_{words}"


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


def _joined(words: str) -> str:
    return words.replace("with_", "and_", 1) if words.startswith("with_") else words


def _expected(check: Check) -> str:
    return described(check.text) if check.operator != "isinstance" and check.text and "{" not in check.text else ""
