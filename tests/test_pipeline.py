"""Every test is judged by itself and in company: a bad one never costs a good one, and no bad one gets through."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from headwater.errors import Problem
from headwater.pipeline import (
    Accepted,
    Aim,
    Case,
    Drafted,
    Job,
    Past,
    Progressed,
    StageBegan,
    Step,
    Warned,
    Withdrawn,
    Written,
)
from headwater.pipeline.flow import generate
from headwater.providers.scripted import Scripted
from headwater.sandbox import Limits, Sandbox, Workspace
from headwater.sandbox.opening import open_sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOURCE = """\
STATE = {"calls": 0}


def sign(number):
    if number < 0:
        return "minus"
    if number == 0:
        return "zero"
    return "plus"


def half(number):
    if number % 2:
        raise ValueError("odd")
    return number // 2


def count():
    STATE["calls"] += 1
    return STATE["calls"]
"""
GOOD = "from numbers_module import sign\n\n\ndef test_sign_of_minus():\n    assert sign(-1) == 'minus'\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    opened = await open_sandbox(folder=tmp_path_factory.mktemp("sandbox"))
    yield opened
    await opened.close()


class Outcome:
    """What a generation told and left behind."""

    def __init__(self, job: Job, steps: list[Step]) -> None:
        self.job = job
        self.steps = steps

    @property
    def accepted(self) -> list[str]:
        return [step.case.name for step in self.steps if isinstance(step, Accepted)]

    @property
    def rejected(self) -> dict[str, str]:
        return {each.name: each.verdict for each in self.job.rejected}


class Bench:
    """Runs generations of a module with answers that the test writes."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder

    async def run(self, *answer: str, source: str = SOURCE, past: Past | None = None, **aim: object) -> Outcome:
        lines = "".join(json.dumps({"text": text, "after": 0}) + "\n" for text in answer)
        (self._folder / "answer.jsonl").write_text(lines)
        room = await self._sandbox.room(Workspace(files={"numbers_module.py": source.encode()}))
        steps: list[Step] = []

        async def tell(step: Step) -> None:
            steps.append(step)

        defaults = {
            "source": source,
            "path": "numbers_module.py",
            "file": "numbers_module.py",
            "module": "numbers_module",
        }
        limits = {"max_attempts": 1, "test_seconds": 3.0, "import_seconds": 3.0}
        limits |= {"budget_seconds": 60.0, "mutant_seconds": 60.0}  # the clock stays in reserve
        job = Job(
            aim=Aim(**{**defaults, **limits, **aim}),  # type: ignore[arg-type]
            provider_name="scripted",
            model="answer",
            provider=Scripted(settings={"scripts": self._folder}),
            room=room,
            limits=Limits(),
        )
        try:
            await generate(job, tell, past)
        finally:
            await room.close()
        return Outcome(job, steps)


@pytest.fixture
def bench(sandbox: Sandbox, tmp_path: Path) -> Bench:
    return Bench(sandbox, tmp_path)


async def test_a_bad_test_never_costs_a_good_one(bench: Bench) -> None:
    """Failing, hanging, crashing, leaking and broken tests are dropped, each with its verdict; the good one stays."""
    outcome = await bench.run(
        GOOD,
        "def test_wrong():\n    assert sign(1) == 'minus'\n\n",
        "def test_hangs():\n    while True:\n        sign(0)\n\n",
        "def test_crashes():\n    import os\n    os._exit(3)\n\n",
        "def test_leaks():\n    import os\n    os.environ['LEFT'] = sign(0)\n\n",
        "def test_broken(:\n    pass\n\n",
        "def test_sign_of_zero():\n    assert sign(0) == 'zero'\n",
    )
    assert outcome.accepted == ["test_sign_of_minus", "test_sign_of_zero"]
    verdicts = outcome.rejected
    assert verdicts["test_wrong"] == "failed"
    assert verdicts["test_hangs"] == "timeout"
    assert verdicts["test_crashes"] == "unsafe"
    assert verdicts["test_leaks"] == "unsafe"
    assert "failed" in {each.verdict for each in outcome.job.rejected if "not Python" in each.reason}
    assert all(each.reason for each in outcome.job.rejected)


async def test_a_test_that_adds_nothing_is_useless(bench: Bench) -> None:
    """A second test of the same branch is dropped; its twin under the same name is renamed, not lost in silence."""
    same = "\n\ndef test_sign_of_minus():\n    assert sign(-7) == 'minus'\n"
    outcome = await bench.run(GOOD, same)
    assert outcome.accepted == ["test_sign_of_minus"]
    assert outcome.rejected == {"test_sign_of_minus_2": "useless"}


async def test_a_test_that_covers_nothing_new_is_kept_for_a_mutant_that_only_it_notices(bench: Bench) -> None:
    """The edge of a condition is a behaviour that coverage does not see; the same edge twice is useless."""
    edge = "\n\ndef test_sign_{}():\n    assert sign({}) == 'plus'\n"
    outcome = await bench.run(GOOD, edge.format("of_ten", 10), edge.format("of_one", 1), edge.format("one_again", 1))
    assert outcome.accepted == ["test_sign_of_minus", "test_sign_of_ten", "test_sign_of_one"]
    assert outcome.rejected == {"test_sign_one_again": "useless"}
    outcome = await bench.run(GOOD, edge.format("of_ten", 10), edge.format("of_one", 1), mutant_seconds=0.0)
    assert outcome.rejected == {"test_sign_of_one": "useless"}


async def test_a_test_must_assert_something_and_command_no_shell(bench: Bench) -> None:
    """What cannot fail is useless, unless a helper asserts for it; what hands a command to the shell is unsafe."""
    outcome = await bench.run(
        GOOD,
        "def is_zero(found):\n    assert found == 'zero'\n\n\n",
        "def test_plus():\n    sign(1)\n    assert True\n\n\n",
        "def test_zero():\n    is_zero(sign(0))\n\n\n",
        "def test_shell():\n    import os\n    os.system('true')\n    assert sign(1) == 'plus'\n",
    )
    assert outcome.accepted == ["test_sign_of_minus", "test_zero"]
    assert outcome.rejected == {"test_plus": "useless", "test_shell": "unsafe"}


async def test_where_nothing_was_accepted_nothing_is_told_to_be_done(bench: Bench) -> None:
    """No test is formatted, none is run together, and the run does not claim to be done."""
    outcome = await bench.run("from numbers_module import sign\n\n\ndef test_wrong():\n    assert sign(1) == 'minus'\n")
    assert [step.stage for step in outcome.steps if isinstance(step, StageBegan)] == ["load_prompts", "generate"]
    assert outcome.job.output == ""


async def test_more_are_kept_while_the_target_count_asks_for_them(bench: Bench) -> None:
    """With target_count, tests that add no coverage are kept up to it, and the work stops there."""
    more = [
        f"\n\ndef test_sign_of_minus_{number}():\n    assert sign(-{number}) == 'minus'\n" for number in range(2, 9)
    ]
    outcome = await bench.run(GOOD, *more, target_count=3)
    assert len(outcome.accepted) == 3
    assert outcome.job.stopped_by == "target_count"


async def test_a_test_that_depends_on_the_order_is_flaky(bench: Bench) -> None:
    """What passes alone and fails after another is dropped before it is announced."""
    outcome = await bench.run(
        "from numbers_module import count, half, sign\n\n\n",
        "def test_count_is_one():\n    assert count() == 1\n\n\n",
        "def test_count_is_one_too():\n    assert count() == 1\n    assert half(2) == 1\n\n\n",
        "def test_sign_of_plus():\n    assert sign(1) == 'plus'\n",
    )
    assert "test_sign_of_plus" in outcome.accepted
    assert "flaky" in outcome.rejected.values()
    assert len([name for name in outcome.accepted if name.startswith("test_count")]) <= 1


async def test_only_the_failing_cases_of_a_parametrized_test_are_cut(bench: Bench) -> None:
    """A wrong row is dropped with its reason; the right rows stay and are judged again."""
    outcome = await bench.run(
        "import pytest\nfrom numbers_module import sign\n\n\n"
        "@pytest.mark.parametrize(('number', 'expected'), [(-1, 'minus'), (0, 'plus'), (1, 'plus')])\n"
        "def test_sign(number, expected):\n    assert sign(number) == expected\n"
    )
    assert outcome.accepted == ["test_sign"]
    (case,) = outcome.job.accepted
    assert '(-1, "minus")' in case.code
    assert '(0, "plus")' not in case.code
    assert "1 of its cases failed" in outcome.job.rejected[0].reason


async def test_tests_are_judged_with_just_the_helpers_they_need(bench: Bench) -> None:
    """Fixtures, constants and helper functions come along; what nothing uses is left out of the file."""
    outcome = await bench.run(
        "import json\nimport pytest\nfrom numbers_module import half\n\n\nFOUR = 4\nUNUSED = 5\n\n\n"
        "@pytest.fixture\ndef number():\n    return FOUR\n\n\n"
        "def test_half(number):\n    assert half(number) == 2\n"
    )
    assert outcome.accepted == ["test_half"]
    assert "FOUR = 4" in outcome.job.output
    assert "UNUSED" not in outcome.job.output
    assert "import json" not in outcome.job.output


async def test_the_stream_tells_the_stages_in_order(bench: Bench) -> None:
    """Stages stand at their percentages, chunks join to the draft, and progress stays within its stage."""
    text = [GOOD[:20], GOOD[20:], "\n\ndef test_sign_of_zero():\n    assert sign(0) == 'zero'\n"]
    outcome = await bench.run(*text)
    stages = [(step.stage, step.percent) for step in outcome.steps if isinstance(step, StageBegan)]
    assert stages == [("load_prompts", 10), ("generate", 30), ("format", 60), ("validate", 80), ("done", 100)]
    chunks = [step for step in outcome.steps if isinstance(step, Written)]
    assert "".join(step.text for step in chunks) == "".join(text)
    assert [step.offset for step in chunks] == [0, 20, len(GOOD)]
    assert [step.text for step in outcome.steps if isinstance(step, Drafted)] == ["".join(text)]
    assert all(30 <= step.percent <= 50 for step in outcome.steps if isinstance(step, Progressed))


async def test_a_second_attempt_is_a_retry(bench: Bench) -> None:
    """While branches are missing and time is left, the provider is asked again, between 85 and 95 percent."""
    outcome = await bench.run(GOOD + "\n", max_attempts=2)
    stages = [(step.stage, step.percent, step.attempt) for step in outcome.steps if isinstance(step, StageBegan)]
    if outcome.job.stopped_by == "exhausted":
        assert stages[-1] == ("done", 100, 1)
    else:
        assert ("retry", 85, 2) in stages


@pytest.mark.parametrize(
    ("source", "reason", "words"),
    [
        ("import not_installed_anywhere\n", "MODULE_NOT_IMPORTABLE", "not_installed_anywhere"),
        ("1 / 0\n", "MODULE_NOT_IMPORTABLE", "ZeroDivisionError"),
        ("raise SystemExit(3)\n", "MODULE_NOT_IMPORTABLE", "SystemExit"),
        ("while True:\n    pass\n", "IMPORT_TIMEOUT", "3 s"),
        ("import os\nos._exit(7)\n", "IMPORT_CRASHED", "7"),
    ],
)
async def test_a_module_that_cannot_be_imported_is_told(bench: Bench, source: str, reason: str, words: str) -> None:
    """The Problem says what failed and how to supply it."""
    with pytest.raises(Problem) as refusal:
        await bench.run(GOOD, source=source)
    assert refusal.value.reason == reason
    assert words in refusal.value.message
    assert refusal.value.remedy


async def test_an_adopted_job_keeps_what_was_announced(bench: Bench) -> None:
    """After a crash the announced tests are verified again, as announced; one that fails now is withdrawn aloud."""
    announced = "def test_sign_of_minus_2():\n    assert sign(-1) == 'minus'"
    cases = {
        "test_sign_of_minus_2": Case(name="test_sign_of_minus_2", code=announced),
        "test_sign_is_wrong": Case(name="test_sign_is_wrong", code="def test_sign_is_wrong():\n    assert sign(1)==0"),
    }
    past = Past(drafts=[GOOD + "\n\ndef test_half_writ"], cases=cases)
    outcome = await bench.run(GOOD, "\n\ndef test_sign_of_zero():\n    assert sign(0) == 'zero'\n", past=past)
    assert outcome.accepted == ["test_sign_of_zero"]
    assert [case.name for case in outcome.job.accepted] == ["test_sign_of_minus_2", "test_sign_of_zero"]
    assert len([step for step in outcome.steps if isinstance(step, Withdrawn)]) == 1
    warned = [step.message for step in outcome.steps if isinstance(step, Warned)]
    assert warned == ["test_sign_is_wrong is withdrawn: it did not pass again."]


async def test_an_adopted_job_goes_on_with_the_attempt_that_it_was_in(bench: Bench) -> None:
    """Who writes is asked for that attempt: one that searches first does not search again."""
    past = Past(attempt=2, drafts=[GOOD])
    outcome = await bench.run(GOOD, past=past, max_attempts=2)
    assert {step.attempt for step in outcome.steps if isinstance(step, Drafted)} == {2}
    assert [step.stage for step in outcome.steps if isinstance(step, StageBegan)][:2] == ["load_prompts", "retry"]


async def test_coverage_is_what_the_file_covers(bench: Bench) -> None:
    """Line, branch and combined are those of coverage.py over the finished file."""
    outcome = await bench.run(GOOD, "\n\ndef test_sign_of_zero():\n    assert sign(0) == 'zero'\n")
    coverage = outcome.job.coverage
    # Statements: 1, 4-9, 12-15, 18-20; import and two signs reach 1, 4-8, 12, 18; branches: 5→6, 5→7, 7→8 of six.
    assert (len(coverage.statements), len(coverage.branches)) == (14, 6)
    assert coverage.lines == {1, 4, 5, 6, 7, 8, 12, 18}
    assert coverage.taken == {(5, 6), (5, 7), (7, 8)}
    assert coverage.combined == pytest.approx(100 * 11 / 20, abs=0.01)
