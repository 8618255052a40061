"""What of a test its text alone tells: whether it asserts anything, commands the shell, or tests a copy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from headwater.errors import Code, Problem
from headwater.pipeline.copies import copied_name, originals
from headwater.pipeline.fences import what_it_is
from headwater.pipeline.mend_assertions import untrue_assertion
from headwater.pipeline.merit import is_hollow, shell_command
from headwater.pipeline.surroundings import Surroundings
from headwater.pipeline.symbols import read_symbols
from headwater.pipeline.together import Fallback
from headwater.providers import Delta, Task

SOURCE = '''\
class Rate:
    """Renders a rate."""

    def __init__(self, unit="", scale=False):
        self.unit = unit
        self.scale = scale

    def render(self, task):
        """Shows the speed."""
        if task.speed is None:
            return f"? {self.unit}/s"
        precision = 0 if self.scale else 1
        return f"{task.speed:,.{precision}f} {self.unit}/s"
'''


@pytest.mark.parametrize(
    "body",
    [
        "half(2)",
        "half(2)\n    assert True",
        "found = half(2)\n    assert found == found",
        "try:\n        half(3)\n    except ValueError:\n        pass",
    ],
)
def test_what_cannot_fail_is_hollow(body: str) -> None:
    """A call alone, a constant and a thing compared with itself assert nothing."""
    assert is_hollow(f"def test_it():\n    {body}\n")


@pytest.mark.parametrize(
    "body",
    [
        "assert half(2) == 1",
        "with pytest.raises(ValueError):\n        half(3)",
        "log.assert_called_once()",
        "if half(2) != 1:\n        pytest.fail('no half')",
        "if half(2) != 1:\n        raise AssertionError('no half')",
        "assert half(2)\n    assert True",
    ],
)
def test_what_can_fail_is_not_hollow(body: str) -> None:
    """An assertion of any kind is one, and so is a failure by hand."""
    assert not is_hollow(f"def test_it():\n    {body}\n")


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.system('ls')",
        "def test_it():\n    os.popen('ls').read()\n",
        "def test_it():\n    from os import system as run\n    run('ls')\n",
        "def test_it():\n    import subprocess as sp\n    sp.run('ls -l', shell=True)\n",
        "def test_it():\n    subprocess.getoutput('ls')\n",
    ],
)
def test_a_command_for_the_shell_is_found(code: str) -> None:
    """Under whatever name it was imported."""
    assert shell_command(code)


@pytest.mark.parametrize(
    "code",
    [
        "def test_it(mocker):\n    mocker.patch('os.system')\n    assert run() is None\n",
        "def test_it():\n    assert subprocess.run([sys.executable, '-m', 'shop'], check=True).returncode == 0\n",
        "def test_it():\n    assert shop.system('ls') == 1\n",
    ],
)
def test_what_no_shell_reads_is_let_be(code: str) -> None:
    """A patched function, a program with its arguments apart, and another's `system` are none."""
    assert shell_command(code) == ""


def test_a_copy_of_what_is_tested_is_found() -> None:
    """A copy without docstrings and with a small change is one; a stand-in of the same name is not."""
    known = originals(SOURCE)
    copy = SOURCE.replace('    """Renders a rate."""\n\n', "").replace("task.speed is None", "task.speed == None")
    assert copied_name(copy, known) == "Rate"
    assert copied_name("class Rate:\n    def render(self, task):\n        return task\n", known) == ""
    assert copied_name("RATE = 3\n", known) == ""


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", "it said nothing"),
        ("I would rather not.", "in words, not in Python: “I would rather not.”"),
        ("```javascript\ntest('a', () => {});\n```\n", "its code (javascript) holds no test in Python"),
        ("```\nx = 1\n```\n", "its code holds no test in Python"),
        ("word " * 1000, "word…”"),
    ],
)
def test_an_answer_without_a_test_is_described(text: str, holds: str) -> None:
    """Silence, words and other code are told apart; of many words only the first are quoted."""
    said = what_it_is(text, "Python")
    assert holds in said
    assert len(said) < 200


@pytest.mark.parametrize(
    "failed",
    [
        'file().write.assert_called_once_with("x")',
        "assert shown == {",
    ],
)
def test_an_assertion_that_does_not_hold_is_dropped_from_among_others(failed: str) -> None:
    """Also where a call stands before it, or its first line alone is told."""
    code = (
        "def test_it(file):\n    shown = show(file)\n    assert shown\n"
        "    file().write.assert_called_once_with('x')\n    assert shown == {\n        'a': 1,\n    }\n"
    )
    around = Surroundings(module="shop", symbols=read_symbols("", "shop.py", "shop"))
    mended = untrue_assertion(code, f"AssertionError: no\ntest_shop.py:4 in test_it: {failed}", around)
    assert mended is not None
    assert mended.count("assert") == code.count("assert") - 1
    assert "assert shown\n" in mended


class Writer:
    """A provider that says so many things, then fails or falls silent."""

    def __init__(self, *texts: str, fails: bool = False, hangs: bool = False) -> None:
        self._texts, self._fails, self._hangs = texts, fails, hangs
        self.closed = True

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        del task
        self.closed = False
        try:
            for text in self._texts:
                yield Delta(text=text)
            if self._fails:
                raise Problem(Code.UNAVAILABLE, "VENDOR_FAILED", "The vendor failed.", "Try again later.")
            if self._hangs:
                await asyncio.Event().wait()
        finally:
            self.closed = True


async def said(first: Writer, **fields: object) -> tuple[str, list[str]]:
    async def explore(*_: object) -> AsyncGenerator[dict[str, object], None]:
        for nothing in ():
            yield nothing

    given = {"source": "", "path": "m.py", "module": "m", "budget_seconds": 0.2, **fields}
    task = Task(**given, explore=explore)  # type: ignore[arg-type]
    deltas = [delta async for delta in Fallback(first, Writer("second")).stream(task)]
    assert first.closed
    return "".join(delta.text for delta in deltas), [delta.warning for delta in deltas if delta.warning]


@pytest.mark.parametrize("first", [Writer(fails=True), Writer(hangs=True), Writer()], ids=["fails", "hangs", "nothing"])
async def test_the_next_provider_takes_over(first: Writer) -> None:
    """From one that fails, that says nothing in half of the time, or that has nothing to say."""
    text, warnings = await said(first)
    assert text == "second"
    assert [warning.endswith("The next provider goes on.") for warning in warnings] == [True]


async def test_the_next_provider_has_the_attempt_after_one_in_vain() -> None:
    """Where nothing was accepted of what the first wrote, there is still a result."""
    text, warnings = await said(Writer("first"), attempt=2)
    assert text == "second"
    assert warnings == ["Nothing that was written so far was accepted. The next provider goes on."]


async def test_what_a_provider_wrote_is_left_to_it() -> None:
    """One that wrote is not followed by another, nor is one whose earlier tests were kept."""
    assert await said(Writer("first")) == ("first", [])
    assert await said(Writer(), taken_names=frozenset({"test_kept"})) == ("", [])
