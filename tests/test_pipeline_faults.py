"""What goes wrong inside the pipeline ends at once, is told meanwhile, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from headwater.pipeline import Aim, Case, Job, Progressed, Step, Warned, Written
from headwater.pipeline.accept import Acceptance
from headwater.pipeline.finish import PATIENCE, validate
from headwater.pipeline.flow import generate
from headwater.pipeline.judgement import ROUNDS, Judgement
from headwater.pipeline.pieces import Piece
from headwater.pipeline.prompted import Prompted
from headwater.pipeline.tidy import tidy
from headwater.pipeline.wording import load_templates
from headwater.providers import Delta, Task
from headwater.providers.models import Answer, Prompt
from headwater.sandbox import Limits, Sandbox, Workspace
from headwater.sandbox.opening import open_sandbox
from tests.fakes.model import RecordedModel

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOURCE = "def half(number):\n    if number % 2:\n        raise ValueError\n    return number // 2\n"
GOOD = "from halves import half\n\n\ndef test_half():\n    assert half(4) == 2\n\n\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    opened = await open_sandbox(folder=tmp_path_factory.mktemp("sandbox"))
    yield opened
    await opened.close()


class Says:
    """A provider that says what it is given."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        for text in self._texts:
            yield Delta(text=text)


def job_of(room: object, provider: object) -> Job:
    aim = Aim(
        source=SOURCE,
        path="halves.py",
        file="halves.py",
        module="halves",
        budget_seconds=60.0,
        test_seconds=2.0,
        max_attempts=1,
    )
    return Job(aim=aim, provider_name="fake", model="", provider=provider, room=room, limits=Limits())  # type: ignore[arg-type]


async def run(sandbox: Sandbox, provider: object) -> tuple[Job, list[Step]]:
    room = await sandbox.room(Workspace(files={"halves.py": SOURCE.encode()}))
    job, steps = job_of(room, provider), list[Step]()

    async def tell(step: Step) -> None:
        steps.append(step)

    try:
        await generate(job, tell)
    finally:
        await room.close()
    return job, steps


async def test_a_long_batch_tells_how_far_it_has_come(sandbox: Sandbox) -> None:
    """While tests of one batch are run, it is told how many of them were; percent never falls."""
    hanging = [f"def test_hangs_{number}():\n    while True:\n        half(2)\n\n\n" for number in range(2)]
    _, steps = await run(sandbox, Says(GOOD + "".join(hanging)))
    told = [step for step in steps if isinstance(step, Progressed)]
    assert any(step.message.endswith(" of 3 candidates run") for step in told)
    percents = [step.percent for step in told]
    assert percents == sorted(percents)


class Faulty(RecordedModel):
    """Answers one conversation, and fails in another with what is no Problem."""

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        if "def fails" in prompt.messages[-1].text:
            raise ZeroDivisionError
        await asyncio.Event().wait()
        yield Answer()


async def test_a_fault_in_a_conversation_ends_the_attempt_at_once() -> None:
    """It is raised as it is, long before the budget is over, and the other conversations are cancelled."""
    source = f"def fails(x):\n    return x\n{'# more' + chr(10)}" + "\n" * 70 + "def waits(x):\n    return x\n"

    async def explore(*_: object) -> AsyncGenerator[dict[str, object], None]:
        for message in ():
            yield message

    task = Task(source=source, path="a.py", module="a", budget_seconds=100.0, explore=explore)  # type: ignore[arg-type]
    before = asyncio.all_tasks()

    async def listen() -> None:
        async for _ in Prompted(Faulty({}), load_templates()).stream(task):
            pass

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(listen(), 50)
    assert asyncio.all_tasks() == before


async def test_a_formatter_that_is_cancelled_while_it_starts_is_ended(tmp_path: Path) -> None:
    """Whenever the cancellation comes, no process is left once the thread that starts it is done."""
    program = tmp_path / "ruff"
    program.write_text(f"#!/bin/sh\nexec sleep 600 # {tmp_path}\n")
    program.chmod(0o755)
    for waits in range(4):
        task = asyncio.create_task(tidy("x = 1\n", ruff=program))
        for _ in range(waits):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.get_running_loop().run_in_executor(None, os.getpid)
    async with asyncio.timeout(30):
        while _children("sleep"):  # noqa: ASYNC110 — nothing tells when a process of a stray thread was buried
            await asyncio.sleep(0.01)


def _children(name: str) -> list[str]:
    found: list[str] = []
    for thread in Path("/proc/self/task").iterdir():
        for number in (thread / "children").read_text().split():
            command = Path("/proc", number, "comm")
            if command.exists() and command.read_text().strip() in {name, "ruff"}:
                found.append(number)
    return found


class NeverHolds:
    """A runner whose rounds never end, and that names nobody."""

    def __init__(self) -> None:
        self.runs = 0

    async def tidy(self, job: Job, text: str) -> str:
        return text

    async def judge(self, job: Job, text: str, names: object = (), **_: object) -> Judgement:
        self.runs += 1
        collected = frozenset(case.name for case in job.accepted)
        return Judgement(imported=True, collected=collected, rounds=ROUNDS - 1, unsteady={"": "it does not end"})


async def test_a_file_that_never_holds_is_given_up_soon() -> None:
    """A hundred tests of which nobody knows who spoils the rest are gone in few rounds, each of them told."""
    job = job_of(None, None)
    runner = NeverHolds()
    job.language = type(job.language)(
        **{name: getattr(job.language, name) for name in job.language.__slots__} | {"runner": runner}
    )
    job.accepted = [Case(name=f"test_{n}", code=f"def test_{n}():\n    assert {n}") for n in range(100)]
    steps: list[Step] = []

    async def tell(step: Step) -> None:
        steps.append(step)

    await validate(job, tell)
    assert not job.accepted
    assert runner.runs <= PATIENCE + 8
    assert len([step for step in steps if isinstance(step, Warned)]) == 100


async def test_a_text_that_is_no_code_does_not_spoil_its_batch(sandbox: Sandbox) -> None:
    """What parses and does not compile is left out before the batch is run, which then runs once."""
    bad = "def test_bad():\n    return 1\nreturn\n\n\n", "def test_worse():\n    x: int = 1\n    global x\n\n\n"
    job, _ = await run(sandbox, Says(GOOD + "".join(bad)))
    assert [case.name for case in job.accepted] == ["test_half"]
    reasons = {each.name: each.reason for each in job.rejected}
    assert "not Python" in reasons["test_worse"]


async def test_half_a_surrogate_pair_is_replaced(sandbox: Sandbox) -> None:
    """A model may write what no file and no wire can hold; the draft never does."""
    job, steps = await run(sandbox, Says(GOOD, "def test_text():\n    assert half(2) == 1, '\ud83d'\n"))
    assert [case.name for case in job.accepted] == ["test_half"]
    "".join(step.text for step in steps if isinstance(step, Written)).encode()
    "".join(itertools.chain.from_iterable((each.code, each.reason) for each in job.rejected)).encode()


async def test_a_piece_that_is_no_test_is_told_by_its_language() -> None:
    """The reason names the language in which the text should have been."""
    job = job_of(None, None)

    async def tell(step: Step) -> None:
        raise AssertionError(step)

    await Acceptance(job, tell, {}).consider([Piece(kind="broken", name="x", code="x(", detail="line 1: never closed")])
    assert job.rejected[0].reason == "The text is not Python: line 1: never closed"
