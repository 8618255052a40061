"""The text of single tests, read and changed: formatted, quoted, cut down, renamed."""

from __future__ import annotations

import ast
import asyncio
import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.errors import Code, Problem
from headwater.pipeline.suite import (
    assertions,
    rename,
    tidy,
    without_cases,
)

PARAMETRIZED = """@pytest.mark.parametrize("a", [1, 2], ids=["x", "y"])
@pytest.mark.parametrize("b", [
    (3),  # the third
    "ü",
    pytest.param(5, id="z"),
])
def test_q(a, b):
    assert (a, b)
"""


async def test_tidy_formats_and_drops_unused_imports() -> None:
    code = await tidy("import sys\nimport os\nfrom a import (b)\nx = os.sep+ 'ü'  \n")
    assert code == 'import os\n\nx = os.sep + "ü"\n'


async def test_tidy_leaves_alone_what_does_not_parse() -> None:
    assert await tidy("def (") == "def ("


async def test_tidy_is_independent_of_the_settings_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ruff.toml").write_text('[format]\nquote-style = "single"\n')
    monkeypatch.chdir(tmp_path)
    assert await tidy('x = "a"\n') == 'x = "a"\n'


async def test_a_missing_formatter_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        await tidy("x = 1\n", ruff=tmp_path / "ruff")
    assert (caught.value.code, caught.value.reason) == (Code.FAILED_PRECONDITION, "FORMATTER_MISSING")


async def test_cancelling_ends_the_formatter(tmp_path: Path) -> None:
    """A formatter that never answers says its process id through a pipe and is gone after the cancellation."""
    pipe = tmp_path / "pid"
    os.mkfifo(pipe)
    program = tmp_path / "ruff"
    program.write_text(f"#!/bin/sh\necho $$ > {pipe}\nexec sleep 100\n")
    program.chmod(0o755)
    task = asyncio.create_task(tidy("x = 1\n", ruff=program))
    pid = int(await asyncio.to_thread(pipe.read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


async def test_a_formatter_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """The code stays as it is, and no pipe to the program is left open, which would be a warning."""
    program = tmp_path / "ruff"
    program.write_text("#!/bin/sh\nexec sleep 100\n")
    program.chmod(0o755)
    assert await tidy("x=1\n", ruff=program, seconds=0.1) == "x=1\n"
    gc.collect()


def test_assertions_are_quoted_in_order() -> None:
    code = """async def test_a(m):
    with pytest.raises(ValueError, match="x") as e, open("f"):
        f()
    async with pytest.warns(UserWarning):
        g()
    assert (
        e.value
    ), "why"
    m.assert_called_once_with(3)
    self.assertEqual(1, 1)
    assertion()
"""
    assert assertions(code) == (
        'pytest.raises(ValueError, match="x")',
        "pytest.warns(UserWarning)",
        'assert (\n        e.value\n    ), "why"',
        "m.assert_called_once_with(3)",
        "self.assertEqual(1, 1)",
    )


def items_of(code: str, folder: Path) -> list[str]:
    """Lists the items that a real pytest collects, in its order."""
    (folder / "test_it.py").write_text(f"import pytest\n{code}")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [line.partition("::")[2] for line in done.stdout.splitlines() if "::" in line]


def test_cases_are_numbered_as_pytest_numbers_them(tmp_path: Path) -> None:
    """The last item of several decorators is gone, with as few of the others as can be."""
    before = items_of(PARAMETRIZED, tmp_path)
    smaller = without_cases(PARAMETRIZED, {len(before) - 1})
    assert smaller is not None
    after = items_of(smaller, tmp_path)
    assert before[-1] not in after
    assert after == before[:4]


@pytest.mark.parametrize(
    ("items", "left"),
    [
        (set[int](), PARAMETRIZED),
        ({0, 2, 4}, PARAMETRIZED.replace('[1, 2], ids=["x", "y"]', '[2], ids=["y"]')),
        ({0, 1, 2, 3, 4, 5}, None),
        ({99}, PARAMETRIZED),
    ],
)
def test_the_decorator_that_can_spare_its_rows_best_loses_them(items: set[int], left: str | None) -> None:
    smaller = without_cases(PARAMETRIZED, items)
    assert (smaller and ast.dump(ast.parse(smaller))) == (left and ast.dump(ast.parse(left)))


@pytest.mark.parametrize("rows", ["CASES", "[*CASES]", "range(3)", "[]", "[1]"])
def test_a_test_whose_rows_cannot_be_removed_has_none_left(rows: str) -> None:
    assert without_cases(f"@pytest.mark.parametrize('a', {rows})\ndef test_a(a): ...", {0}) is None


def test_a_plain_test_has_no_case_to_spare() -> None:
    assert without_cases("def test_a(): ...", {0}) is None


def test_a_name_is_changed_wherever_it_is_meant() -> None:
    code = """@pytest.mark.parametrize("a, shop", [(1, 2)])
@pytest.mark.usefixtures("shop")
def test_shop(a, shop):
    from x import shop
    "ü"; other.shop = f(shop=shop)
    assert f"{shop.name} shop" == "shop"
"""
    expected = code.replace("shop", "mall")
    for kept in ("test_shop", "import shop", "other.shop", "(shop=", 'shop" =='):
        expected = expected.replace(kept.replace("shop", "mall"), kept)
    assert rename(code, "shop", "mall") == expected.replace('== "mall"', '== "shop"')


def test_a_test_is_renamed_without_a_change_to_anything_else() -> None:
    assert (
        rename("def test_a():\n    assert test_ab\n", "test_a", "test_a_2") == "def test_a_2():\n    assert test_ab\n"
    )
