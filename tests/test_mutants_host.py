"""What mutants show of the tests of a job, and which assertions a test can do without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from headwater.errors import Problem
from headwater.pipeline import Aim, Job
from headwater.pipeline.mutants import Kills, kill
from headwater.pipeline.mutants_assertions import Needed, needed_assertions
from headwater.providers.scripted import Scripted
from headwater.sandbox import Limits, Sandbox, Workspace
from headwater.sandbox.opening import open_sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOURCE = """\
class Cart:
    def __init__(self, items=()):
        self.items = list(items)
        self.touched = 0

    def add(self, price, count=1):
        if price < 0:
            raise ValueError("negative")
        self.items.append(price * count)
        self.touched += 1
        return len(self.items)

    def total(self, tax=0):
        return sum(self.items) * (1 + tax)


def sign(number):
    if number < 0:
        return "minus"
    return "zero" if number == 0 else "plus"
"""
TESTS = """\
import pytest

from cart import Cart, sign


def test_total():
    assert Cart([2, 3]).total(1) == 10


def test_negative():
    with pytest.raises(ValueError):
        Cart().add(-1)


def test_signs():
    assert sign(-1) == "minus"
    assert sign(0) == "zero"
    assert sign(1) == "plus"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    opened = await open_sandbox(folder=tmp_path_factory.mktemp("sandbox"))
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def job(sandbox: Sandbox) -> AsyncIterator[Job]:
    room = await sandbox.room(Workspace(files={"cart.py": SOURCE.encode()}))
    yield job_in(room, SOURCE)
    await room.close()


def job_in(room: object, source: str) -> Job:
    return Job(
        aim=Aim(source=source, path="cart.py", file="cart.py", module="cart", test_seconds=2.0, import_seconds=5.0),
        provider_name="scripted",
        model="answer",
        provider=Scripted(settings={}),
        room=room,  # type: ignore[arg-type]
        limits=Limits(),
    )


def killed(kills: Kills, what: str) -> tuple[str, ...]:
    (found,) = [each for each in kills.mutants if each.what == what]
    return found.killed_by


async def test_a_matrix_tells_which_test_alone_kills_what(job: Job) -> None:
    """The score counts what was noticed; a test is named for what no other notices."""
    kills = await kill(job, TESTS, ["test_total", "test_negative", "test_signs"], seconds=30, matrix=True)
    assert killed(kills, "`number < 0` became `number <= 0`") == ("test_signs",)
    assert killed(kills, "`1 + tax` became `1 - tax`") == ("test_total",)
    assert killed(kills, "`'negative'` became `''`") == ()
    assert 50 < kills.score < 100
    assert kills.uncovered > 0
    assert kills.left == 0
    assert set(kills.only_by) == {"test_total", "test_negative", "test_signs"}
    assert all(kills.only_by.values())
    assert kills.only_by["test_signs"] <= kills.of("test_signs")


async def test_lines_and_ids_narrow_down_what_is_tried(job: Job) -> None:
    """Only mutants of the lines asked for are tried; an id is the same mutant whatever the tests."""
    some = await kill(job, TESTS, ["test_signs"], seconds=30, lines=[18])
    assert {each.line for each in some.mutants} == {18}
    first = some.mutants[0]
    same = await kill(job, TESTS, ["test_signs", "test_total"], seconds=30, ids=[first.id])
    assert [(each.id, each.what) for each in same.mutants] == [(first.id, first.what)]


async def test_a_module_that_cannot_be_imported_is_a_problem(sandbox: Sandbox) -> None:
    """As for a judged test: the reason is the import's, not a score."""
    source = "import nothing_of_that_name\n"
    room = await sandbox.room(Workspace(files={"cart.py": source.encode()}))
    with pytest.raises(Problem) as refused:
        await kill(job_in(room, source), TESTS, ["test_total"], seconds=5)
    await room.close()
    assert refused.value.reason == "MODULE_NOT_IMPORTABLE"


async def test_what_the_module_itself_sends_is_checked(sandbox: Sandbox) -> None:
    """Forged messages of the wrong shape, and of tests that nobody asked about, are not believed."""
    forged = (
        '{"event":"mutant","id":"x","line":1,"outcome":"killed"}',
        '{"event":"mutant","id":900001,"line":1,"outcome":"praised"}',
        '{"event":"mutant","id":900002,"line":1,"outcome":"killed","killed_by":["test_other",7,[]]}',
        '{"event":"alone","name":"test_other","outcome":"passed"}',
        '{"event":"mutants","unfit":3,"left":"many","uncovered":-4}',
    )
    lines = "".join(f"    os.write(3, {('m' + each)!r}.encode() + b'\\n')\n" for each in forged)
    source = f"import os\ndef forge():\n{lines}forge()\n" + SOURCE
    room = await sandbox.room(Workspace(files={"cart.py": source.encode()}))
    kills = await kill(job_in(room, source), TESTS, ["test_signs"], seconds=30, lines=[len(forged) + 19])
    await room.close()
    forgeries = {each.id: each for each in kills.mutants if each.id >= 900001}
    assert set(forgeries) == {900002}
    assert forgeries[900002].killed_by == ()
    assert set(kills.tests) == {"test_signs"}
    assert (kills.left, kills.uncovered) == (0, 0)


async def test_closing_early_leaves_no_process(job: Job) -> None:
    """A caller who is cancelled ends the mutants too, and the room serves the next one."""
    task = asyncio.create_task(kill(job, TESTS, ["test_total", "test_signs"], seconds=60, matrix=True))
    done, _ = await asyncio.wait([task], timeout=0.2)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() or done
    again = await kill(job, TESTS, ["test_signs"], seconds=30, lines=[18])
    assert again.score == 100


async def needed(job: Job, body: str, name: str = "test_it", head: str = "") -> Needed:
    text = f"import pytest\n\nfrom cart import Cart, sign\n\n\n{head}{body}"
    return await needed_assertions(job, text, name, seconds=40)


async def test_an_assertion_that_notices_nothing_new_is_left_out(job: Job) -> None:
    """What another assertion shows as well goes; what only it shows stays, comments and all."""
    body = """\
def test_it():
    cart = Cart([1])
    count = cart.add(2, 3)
    # The sum is what matters.
    assert cart.total() == 7
    assert isinstance(cart, Cart)
    assert count == 2
    assert cart.touched == (
        1
    )
    assert cart.touched > 0
"""
    found = await needed(job, body)
    assert (found.kept, found.total, found.reason) == ((0, 2, 3), 5, "")
    assert "    # The sum is what matters.\n    assert cart.total() == 7\n    assert count == 2\n" in found.text
    assert "isinstance" not in found.text
    assert "touched > 0" not in found.text
    assert found.text.startswith("import pytest\n")
    assert found.kills


async def test_one_assertion_stays_where_none_is_needed(job: Job) -> None:
    """A test without any is none; with `pytest.raises` it still has one."""
    alike = "def test_it():\n    cart = Cart()\n    assert isinstance(cart, Cart)\n    assert cart is not None\n"
    assert (await needed(job, alike)).kept == (0,)
    raising = (
        "def test_it():\n    cart = Cart()\n    with pytest.raises(ValueError, match='negative'):\n"
        "        cart.add(-1)\n    assert cart is not None\n    assert cart\n"
    )
    found = await needed(job, raising)
    assert found.kept == ()
    assert "assert " not in found.text


async def test_an_assertion_that_acts_is_kept_for_what_it_runs(job: Job) -> None:
    """Its own call covers a branch, so that it is worth keeping; tests in classes and with parameters alike."""
    body = """\
class TestSign:
    @pytest.mark.parametrize("unit", [1, 2])
    def test_it(self, unit):
        assert sign(-unit) == "minus"
        assert sign(-unit) != "plus"
        assert sign(0) == "zero"
        assert sign(unit) == "plus"
"""
    found = await needed(job, body, "TestSign::test_it")
    assert found.kept == (0, 2, 3)
    assert found.total == 4


async def test_assertions_that_need_each_other_all_stay(job: Job) -> None:
    """Where one changes what the next sees, none is left out, and the reason is told."""
    body = """\
def test_it():
    cart = Cart()
    assert cart.add(1) == 1
    assert cart.add(1) == 2
    assert cart.items
"""
    found = await needed(job, body)
    assert found.kept == (0, 1, 2)
    assert "without each other" in found.reason


async def test_a_block_that_loses_all_its_assertions_still_parses(job: Job) -> None:
    """A loop of nothing but idle assertions becomes one that passes; one assertion has nothing to lose."""
    body = """\
def test_it():
    cart = Cart([4])
    for each in cart.items:
        assert each is not None
        assert each
    assert cart.items == [4]
    assert cart.total(1) == 8; assert cart
"""
    found = await needed(job, body)
    compile(found.text, "test", "exec")
    assert found.total == 3
    assert "assert cart.total(1) == 8; assert cart" in found.text
    single = await needed(job, "def test_it():\n    assert sign(1) == 'plus'\n")
    assert (single.kept, single.total) == ((0,), 1)
    with pytest.raises(KeyError):
        await needed(job, body, "test_absent")
