"""Writes test functions: arrange, act, assert, with as few lines as that takes."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType

from headwater.synthesis.observations import TEMPLATES, Argument, Case, Check
from headwater.synthesis.wording import variable

NOTHING: Mapping[str, str] = MappingProxyType({})
PLACES = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\{(?P<place>self|\d+)\}""")
"""What stands for something else in a template; literals are found as well, so that what is in them is passed over."""
PRIMARY = (ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Constant)
"""What needs no parentheses beside a comparison."""
RESULTS = ("result", "len(result", "str(result", "repr(result")
"""How the subject of an assertion begins that is about what was returned."""
WIDTH = 110
"""An assertion that would be longer gets its result in a variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The names that a test gives to its object and its arguments."""

    receiver: str
    arguments: tuple[str, ...]
    """The text of each argument in the call: a variable where it is looked at again, else the argument itself."""
    lines: tuple[str, ...]
    """The lines that arrange."""


def render(name: str, case: Case, hidden: AbstractSet[str], shared: Mapping[str, str] = NOTHING) -> str:
    """Writes the test of one case.

    `hidden` are names that its variables must not take, `shared` the fixtures by the expressions that they stand for.
    """
    layout = layout_of(case, hidden, shared=shared)
    own = [shared[case.receiver]] if case.shares and case.receiver in shared else []
    fixtures = [*own, *(each for each in ("tmp_path", "monkeypatch", "capsys") if _needs(case, each, shared))]
    act = call_text(case, layout.receiver, layout.arguments)
    if case.wrap in ("loop", "loop_await"):
        lines = _in_loop(case, f"await {act}" if case.wrap == "loop_await" else act, layout)
    else:
        body = raising(case, act) if case.error else _returning(case, act, layout)
        lines = [*layout.lines, *([""] if len(layout.lines) > 1 else []), *body]
    return "\n".join([f"def {name}({', '.join(fixtures)}):", *(f"    {line}" if line else "" for line in lines)])


def render_fixture(name: str, text: str) -> str:
    """Writes the fixture that makes an object."""
    return f"@pytest.fixture\ndef {name}({'tmp_path' if 'tmp_path' in text else ''}):\n    return {text}"


def call_text(case: Case, receiver: str, arguments: Sequence[str]) -> str:
    """Writes the call, given the text of its object and of every argument that it gives."""
    template = case.style in TEMPLATES
    callee = filled(case.callee, receiver, arguments if template else ())
    if template or case.style == "property":
        return callee
    parts: list[str] = []
    names = [each.name for each in case.arguments]
    for each, text in zip(case.given, arguments, strict=True):
        skipped = any(not earlier.text for earlier in case.arguments[: names.index(each.name)])
        parts.append(_argument(each, text, keyword=skipped))
    return f"{callee}({', '.join(filter(None, parts))})"


def _argument(argument: Argument, text: str, *, keyword: bool) -> str:
    if argument.how == "star":
        node = ast.parse(text, mode="eval").body
        return ", ".join(ast.unparse(each) for each in node.elts) if isinstance(node, ast.Tuple) else f"*{text}"
    if argument.how == "double":
        return ", ".join(_named(text))
    return f"{argument.name}={text}" if keyword or argument.how == "keyword" else text


def _named(text: str) -> list[str]:
    """Writes the items of a dictionary as named arguments where their keys are names."""
    node = ast.parse(text, mode="eval").body
    keys = [getattr(key, "value", None) for key in node.keys] if isinstance(node, ast.Dict) else [None]
    if not all(isinstance(key, str) and key.isidentifier() and not keyword.iskeyword(key) for key in keys):
        return [f"**{text}"]
    return [f"{key}={ast.unparse(value)}" for key, value in zip(keys, getattr(node, "values", ()), strict=True)]


def layout_of(
    case: Case, hidden: AbstractSet[str], texts: tuple[str, ...] = (), shared: Mapping[str, str] = NOTHING
) -> Layout:
    """Puts into variables what is looked at after the call."""
    lines: list[str] = []
    receiver = ""
    if case.shares and case.receiver in shared:
        receiver = shared[case.receiver]
    elif case.receiver:
        receiver = variable(case.owner.rpartition(".")[2], hidden)
        lines.append(f"{receiver} = {case.receiver}")
        if not case.before and not any("{self}" in check.of + check.text for check in case.checks):
            receiver, lines = case.receiver, []
    awaited = [*case.awaited, *[False] * len(case.before)]
    for text, waits in zip(case.before, awaited, strict=False):
        lines.append(f"{'await ' if waits else ''}{_statement(filled(text, receiver))}")
    looked_at = {int(found) for check in case.checks for found in _places(check.of) if found != "self"}
    arguments: list[str] = []
    given = [(index, each) for index, each in enumerate(case.arguments) if each.text]
    for position, (index, each) in enumerate(given):
        text = texts[position] if texts else each.text
        if index in looked_at and not texts:
            name = variable(each.name, hidden | {receiver, "result"})
            lines.append(f"{name} = {text}")
            text = name
        arguments.append(text)
    return Layout(receiver=receiver, arguments=tuple(arguments), lines=tuple(lines))


def _statement(text: str) -> str:
    """Writes what is done for its effect as people do: an assignment for `setattr` and `__setitem__`."""
    node = ast.parse(text, mode="eval").body
    if not isinstance(node, ast.Call):
        return text
    name, given = ast.unparse(node.func), [ast.unparse(each) for each in node.args]
    owner, _, method = name.rpartition(".")
    attribute = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else None
    if name in ("setattr", "delattr") and isinstance(attribute, str) and attribute.isidentifier():
        return f"{given[0]}.{attribute} = {given[2]}" if name == "setattr" else f"del {given[0]}.{attribute}"
    if method == "__setitem__":
        return f"{owner}[{given[0]}] = {given[1]}"
    return f"del {owner}[{given[0]}]" if method == "__delitem__" else text


def _printed(case: Case) -> list[str]:
    """Writes what is asserted of standard output and standard error."""
    if case.output and case.errors:
        asserted = [f"assert printed.out == {case.output!r}", f"assert printed.err == {case.errors!r}"]
        return ["printed = capsys.readouterr()", *asserted]
    stream, text = ("err", case.errors) if case.errors else ("out", case.output)
    return [f"assert capsys.readouterr().{stream} == {text!r}"] if text else []


def raising(case: Case, act: str) -> list[str]:
    """Writes the act and what it raises."""
    after = ["", *_printed(case)] if case.prints else []
    if case.error == "SystemExit" and (case.message.isdigit() or case.message == "None"):
        code = f"code == {case.message}" if case.message != "None" else "code is None"
        ended = ["with pytest.raises(SystemExit) as ended:", f"    {_statement(wrapped(case, act))}", ""]
        return [*ended, f"assert ended.value.{code}", *after[1:]]
    match = f", match={_pattern(case.message)}" if case.message else ""
    return [f"with pytest.raises({case.error}{match}):", f"    {_statement(wrapped(case, act))}", *after]


def _pattern(message: str) -> str:
    return repr(message) if re.escape(message) == message.replace(" ", "\\ ") else f"re.escape({message!r})"


def _returning(case: Case, act: str, layout: Layout) -> list[str]:
    """Writes the act and its assertions; one short assertion holds the act itself."""
    lines: list[str] = []
    if case.wrap == "async_list":
        lines += ["async def collect():", f"    return [item async for item in {act}]", ""]
        act = "asyncio.run(collect())"
    else:
        act = wrapped(case, act)
    results = [check for check in case.checks if check.of.startswith(RESULTS)]
    if len(case.checks) == 1 and results and not case.prints:
        short = f"assert {condition(case.checks[0], act, layout)}"
        if len(short) <= WIDTH and "\n" not in act and (case.checks[0].of == "result" or len(act) < WIDTH // 2):
            return [*lines, short]
    lines.append(f"result = {act}" if results else act if "\n" in act else _statement(act))
    if len(case.checks) + case.prints + len(layout.lines) > 1:
        lines.append("")
    lines += [f"assert {condition(check, 'result', layout)}" for check in case.checks]
    return [*lines, *_printed(case)]


def _in_loop(case: Case, act: str, layout: Layout) -> list[str]:
    """Writes a test whose object lives in one event loop: all of it up to the act is a coroutine."""
    if case.error:
        return [
            "async def scenario():",
            *_indented([*layout.lines, act]),
            "",
            *raising(case, "asyncio.run(scenario())"),
        ]
    of = " ".join(check.of + check.text for check in case.checks)
    kept = [layout.receiver] if "{self}" in of else []
    kept += [layout.arguments[int(found)] for found in dict.fromkeys(re.findall(r"\{(\d+)\}", of))]
    if any(check.of.startswith(RESULTS) for check in case.checks):
        kept.append(act)
        body = [*layout.lines, f"return {', '.join(kept)}"]
    else:
        body = [*layout.lines, act, *([f"return {', '.join(kept)}"] if kept else [])]
    lines = ["async def scenario():", *_indented(body), ""]
    names = ["result" if each is act else each for each in kept]
    if names == ["result"]:
        return [*lines, *_returning(case, "asyncio.run(scenario())", Layout(receiver="", arguments=(), lines=()))]
    lines += [f"{', '.join(names)} = asyncio.run(scenario())" if names else "asyncio.run(scenario())", ""]
    lines += [f"assert {condition(check, 'result', layout)}" for check in case.checks]
    return [*lines, *_printed(case)]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def condition(check: Check, result: str, layout: Layout) -> str:
    """Writes what an assertion asserts."""
    if _places(check.of):
        subject = filled(check.of, layout.receiver, layout.arguments)
    else:
        subject = re.sub(r"\bresult\b", lambda _: result, check.of, count=1)
    if check.operator == "isnan":
        return f"math.isnan({subject})"
    if check.operator == "isinstance":
        return f"isinstance({subject}, {check.text})"
    if not isinstance(ast.parse(subject, mode="eval").body, PRIMARY):
        subject = f"({subject})"
    expected = filled(check.text, layout.receiver, layout.arguments)
    return (
        f"{subject} == pytest.approx({expected})"
        if check.operator == "approx"
        else f"{subject} {check.operator} {expected}"
    )


def filled(template: str, receiver: str, arguments: Sequence[str] = ()) -> str:
    """Puts an object in the place of `{self}` and arguments into those of `{0}`, `{1}` …, but for those in literals."""

    def put(found: re.Match[str]) -> str:
        place = found["place"]
        if place == "self":
            return receiver
        return arguments[min(int(place), len(arguments) - 1)] if place and arguments else found[0]

    return PLACES.sub(put, template)


def _places(template: str) -> list[str]:
    """Lists the places of a template: `self`, or the number of an argument."""
    return [found["place"] for found in PLACES.finditer(template) if found["place"]]


def wrapped(case: Case, act: str) -> str:
    """Writes the act with what draws its value: an event loop, a list."""
    if case.wrap == "await":
        return f"asyncio.run({act})"
    return f"list(itertools.islice({act}, 20))" if case.wrap == "list" else act


def _needs(case: Case, fixture: str, shared: Mapping[str, str]) -> bool:
    if fixture == "capsys":
        return case.prints
    receiver = "" if case.shares and case.receiver in shared else case.receiver
    return any(fixture in text for text in (receiver, *case.before, *(each.text for each in case.given)))
