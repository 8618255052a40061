"""The key-less writer: what it writes runs, asserts, repeats, and says what it could not do."""

from __future__ import annotations

import ast
import asyncio
from typing import TYPE_CHECKING

import pytest

from headwater.errors import Code, Problem
from headwater.providers.embedded import Embedded
from tests.synthesis.conftest import shop_in

if TYPE_CHECKING:
    from tests.synthesis.conftest import Answer, Project


HARD = '''\
def read(line: str) -> str:
    """Reads a line such as `pay 12`."""
    verb, _, rest = line.partition(" ")
    if verb not in ("pay", "owe"):
        return "unknown"
    amount, _, note = rest.partition("#")
    if not amount.strip().isdigit():
        raise ValueError("no amount")
    if note.startswith("tip:") and note.endswith("%"):
        return "tipped"
    if int(amount) > 900:
        return "much" if verb == "pay" else "debt"
    return verb
'''
"""A function that takes some searching."""
SLACK = 60
"""Calls that a step of the search may still make when the last one that was allowed is made."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """All that is written for the sample, once."""
    return asyncio.run(shop_in(tmp_path_factory.mktemp("whole")).ask("shop"))


async def test_every_test_written_passes_three_times_in_any_order(shop: Project, whole: Answer) -> None:
    """What the writer hands over is green in a fresh process, three times, shuffled, under other hash seeds."""
    for order in ("", "1", "2"):
        status, output = await shop.run(whole.text, order)
        assert status == 0, output


def test_every_test_asserts_something_and_bears_a_name_of_its_own(whole: Answer) -> None:
    """No test without an assertion, no two tests of one name, none called after a number."""
    functions = [node for node in ast.walk(ast.parse(whole.text)) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        raising = "pytest.raises" in ast.unparse(function)
        assert raising or any(isinstance(node, ast.Assert) for node in ast.walk(function)), function.name
    names = [function.name for function in functions if function.name.startswith("test_")]
    assert len(names) == len(set(names))
    assert not [name for name in names if "case_" in name]
    assert {note.test_name for note in whole.notes} == set(names)


def test_the_whole_sample_is_reached(whole: Answer) -> None:
    """The search reaches every branch of an ordinary typed module within its budget."""
    assert whole.reached[-1].branches_covered == whole.reached[-1].branches_total


def test_progress_never_falls(whole: Answer) -> None:
    """Branches and executions only grow while the search goes on."""
    steps = [(each.branches_covered, each.executions) for each in whole.reached]
    assert steps == sorted(steps)
    assert len(steps) > 1


async def test_the_same_seed_and_source_give_the_same_tests(shop: Project, whole: Answer) -> None:
    """A run repeats to the letter."""
    assert (await shop.ask("shop")).text == whole.text


@pytest.mark.parametrize(
    "expected",
    [
        "discount(200.0, 10)",
        "pytest.approx(",
        "@pytest.mark.parametrize(",
        "asyncio.run(fetch(",
        "list(itertools.islice(countdown(",
        "capsys.readouterr().out ==",
        "pytest.raises(ValueError, match=",
        "(tmp_path / ",
        "Size.LARGE",
        "is None",
        "cart.items ==",
    ],
)
def test_each_kind_of_behaviour_has_its_form(whole: Answer, expected: str) -> None:
    """Exceptions, floats, coroutines, generators, output, files, enums and changed state are written as people do."""
    assert expected in whole.text


async def test_a_doctest_is_a_contract_and_quoted(shop: Project) -> None:
    """An expected value from a docstring example rests on a contract; the note quotes it."""
    answer = await shop.ask("shop", symbols=("discount",))
    contracts = [note for note in answer.notes if note.basis == "contract"]
    assert any(">>> discount(200.0, 10) 180.0" in note.basis_detail for note in contracts)
    assert any("raise ValueError" in note.basis_detail for note in contracts)
    assert any(note.basis == "characterization" for note in answer.notes)


async def test_a_broken_promise_is_reported_and_not_tested(project: Project) -> None:
    """Where a docstring promises something else than the code does, there is no green test that says so."""
    project.write(
        "sums.py", 'def add(a: int, b: int) -> int:\n    """\n    >>> add(1, 2)\n    3\n    """\n    return a * b\n'
    )
    answer = await project.ask("sums")
    assert any("the docstring promises 3" in each.reason for each in answer.left_out)


async def test_a_mishap_is_left_out_as_a_possible_bug(project: Project) -> None:
    """A TypeError out of the middle of a function is reported, never asserted."""
    project.write("heads.py", "def head(values):\n    return values[0] + 1\n")
    answer = await project.ask("heads")
    assert any(each.reason.startswith("looks like a bug or a misuse: TypeError") for each in answer.left_out)
    assert "TypeError" not in answer.text


async def test_what_chance_decides_is_left_out(shop: Project) -> None:
    """A result that depends on chance becomes no test."""
    answer = await shop.ask("shop", symbols=("pick",))
    assert "def test_" not in answer.text
    assert any("chance" in each.reason for each in answer.left_out)


async def test_symbols_restrict_the_targets(shop: Project) -> None:
    """Only what was asked for is tested."""
    answer = await shop.ask("shop", symbols=("parse_size",))
    assert {note.symbol for note in answer.notes} == {"parse_size"}


async def test_a_line_range_restricts_the_targets(shop: Project) -> None:
    """Functions that have no line in the range are left alone."""
    line = (shop.root / "shop.py").read_text().splitlines().index("def greet(name: str) -> None:") + 1
    answer = await shop.ask("shop", line_range=(line, line + 1))
    assert {note.symbol for note in answer.notes} == {"greet"}


async def test_taken_names_are_not_used_again(shop: Project) -> None:
    """A second attempt names its tests differently from those that exist."""
    first = await shop.ask("shop", symbols=("greet",))
    taken = frozenset(note.test_name for note in first.notes)
    second = await shop.ask("shop", symbols=("greet",), taken_names=taken)
    assert taken
    assert not taken & {note.test_name for note in second.notes}


@pytest.mark.parametrize("death", ["os._exit(3)", "os.kill(os.getpid(), 9)"])
async def test_a_function_that_takes_the_process_down_costs_only_itself(project: Project, death: str) -> None:
    """The search goes on behind a target that ended the process; the others are tested."""
    source = f"import os\n\n\ndef first(x: int) -> int:\n    return x\n\n\ndef fatal(x: int):\n    {death}\n"
    project.write("deadly.py", source + "\n\ndef last(x: int) -> int:\n    return -x\n")
    answer = await project.ask("deadly")
    assert {note.symbol for note in answer.notes} == {"first", "last"}
    assert [each.about for each in answer.left_out if "took the process down" in each.reason] == ["fatal"]


async def test_an_endless_call_is_cut_and_left_out(project: Project) -> None:
    """A call that does not end is cut by the limit on its steps; the rest of the function is tested."""
    project.write("loops.py", "def spin(n: int) -> int:\n    while n > 1:\n        n += 1\n    return n\n")
    answer = await project.ask("loops")
    assert {note.symbol for note in answer.notes} == {"spin"}
    status, output = await project.run(answer.text)
    assert status == 0, output


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("import json\nimport missing_requirement\n", "ModuleNotFoundError", "2"),
        ("x = 1\n\ny = 1 / 0\n", "ZeroDivisionError", "3"),
        ("def broken(:\n", "SyntaxError", "1"),
        ("raise SystemExit(2)\n", "SystemExit", "1"),
    ],
)
async def test_a_module_that_cannot_be_imported_is_refused_with_the_line(
    project: Project, source: str, kind: str, line: str
) -> None:
    """The refusal names the exception and the line, and what to do."""
    project.write("broken.py", source)
    with pytest.raises(Problem) as caught:
        await project.ask("broken")
    assert (caught.value.code, caught.value.reason) == (Code.FAILED_PRECONDITION, "MODULE_NOT_IMPORTABLE")
    assert (caught.value.metadata["exception"], caught.value.metadata["line"]) == (kind, line)
    assert "--python" in caught.value.remedy


async def test_a_module_that_is_not_there_is_refused(project: Project) -> None:
    """A name that leads nowhere is a refusal, not a crash."""
    with pytest.raises(Problem) as caught:
        await project.ask("nowhere")
    assert caught.value.reason == "MODULE_NOT_IMPORTABLE"


@pytest.mark.parametrize(
    ("source", "reason", "seconds"),
    [("while True:\n    pass\n", "IMPORT_TIMEOUT", 0.5), ("import os\nos._exit(1)\n", "IMPORT_CRASHED", 60.0)],
)
async def test_an_import_that_hangs_or_dies_is_refused(
    project: Project, source: str, reason: str, seconds: float
) -> None:
    """The host's clock ends an endless import; a death at import is told apart from it."""
    project.write("stuck.py", source)
    with pytest.raises(Problem) as caught:
        await project.ask("stuck", {"grace_seconds": 0.5}, budget_seconds=seconds)
    assert (caught.value.code, caught.value.reason) == (Code.FAILED_PRECONDITION, reason)


async def test_calls_of_the_code_can_be_the_budget(project: Project) -> None:
    """The search ends with them and says so; twice as many searches give the same answer, and more calls reach more."""
    project.write("codes.py", HARD)
    few, again, many = [await project.ask("codes", executions=each) for each in (150, 150, 6000)]
    assert few.stopped_by == "budget"
    assert few.text == again.text
    assert few.reached[-1].executions == again.reached[-1].executions
    assert 0 < few.reached[-1].executions <= 150 + SLACK
    assert few.reached[-1].branches_covered < many.reached[-1].branches_covered


async def test_calls_are_counted_over_all_guests_of_an_answer(project: Project) -> None:
    """A target that takes the process down gives the search no further budget."""
    project.write("deadly.py", f"import os\n\n\ndef leave(n: int) -> None:\n    os._exit(n)\n\n\n{HARD}")
    answer = await project.ask("deadly", executions=300)
    assert any("took the process down" in each.reason for each in answer.left_out)
    counts = [each.executions for each in answer.reached]
    assert counts == sorted(counts)
    assert 0 < counts[-1] <= 300 + SLACK


async def test_a_module_without_callables_ends_with_a_warning(project: Project) -> None:
    """Nothing to call is no failure: the answer is empty, ends as exhausted and says why."""
    project.write("constants.py", "LIMIT = 3\n")
    answer = await project.ask("constants")
    assert "def test_" not in answer.text
    assert answer.stopped_by == "exhausted"
    assert answer.warnings


async def test_closing_the_stream_ends_the_guest(shop: Project) -> None:
    """A caller that has enough closes the stream, and nothing runs on."""
    stream = Embedded(settings={}).stream(shop.task("shop"))
    async for delta in stream:
        if delta.notes:
            break
    await stream.aclose()
    assert [process.returncode is not None for process in shop.processes] == [True]


async def test_a_later_attempt_aims_at_what_is_missing_only(shop: Project) -> None:
    """Given the branches that are left, the writer adds tests for those and for nothing else."""
    source = (shop.root / "shop.py").read_text().splitlines()
    line = source.index("    if percent == 37:") + 1
    answer = await shop.ask("shop", attempt=2, missing_branches=((line, line + 1),), missing_lines=(line + 1,))
    assert {note.symbol for note in answer.notes} == {"discount"}
    assert "37" in answer.text


async def test_a_written_file_is_read_back(project: Project) -> None:
    """What a function writes below a path that it was given is asserted."""
    project.write(
        "notes.py", "def save(path: str, text: str) -> None:\n    with open(path, 'w') as f:\n        f.write(text)\n"
    )
    answer = await project.ask("notes")
    assert ".read_text() ==" in answer.text
    status, output = await project.run(answer.text)
    assert status == 0, output


async def test_an_example_that_wraps_the_call_promises_nothing_about_it(project: Project) -> None:
    """The output of `round(mean(…))` is not what `mean` returns."""
    doc = '"""\n    >>> round(half(3))\n    2\n    """'
    project.write("halves.py", f"def half(n: int) -> float:\n    {doc}\n    return n / 2\n")
    answer = await project.ask("halves")
    assert not any("promises" in each.reason for each in answer.left_out)
    assert {note.basis for note in answer.notes} == {"characterization"}
