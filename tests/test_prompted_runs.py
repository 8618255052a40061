"""A model behind the whole pipeline: tests are announced while it still writes, and what failed goes back to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from headwater.pipeline import Accepted, Aim, Job, Step, Written
from headwater.pipeline.flow import generate
from headwater.pipeline.prompted import Prompted
from headwater.pipeline.wording import load_templates
from headwater.sandbox import Limits, Sandbox, Workspace
from headwater.sandbox.opening import open_sandbox
from tests.fakes.model import RecordedModel, Says

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOURCE = """\
def half(number):
    if number % 2:
        raise ValueError("odd")
    return number // 2


def sign(number):
    return "minus" if number < 0 else "plus"
"""
EVEN = "from halves import half\n\n\ndef test_half_of_even():\n    assert half(4) == 2\n\n\n"
ODD = "from halves import half\n\n\ndef test_half_of_odd():\n    with pytest.raises({}):\n        half(3)\n"
SIGN = "from halves import sign\n\n\ndef test_sign():\n    assert sign(1) == 'plus'\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    opened = await open_sandbox(folder=tmp_path_factory.mktemp("sandbox"))
    yield opened
    await opened.close()


async def run(sandbox: Sandbox, model: RecordedModel, heard: Callable[[Step], None], attempts: int = 1) -> Job:
    room = await sandbox.room(Workspace(files={"halves.py": SOURCE.encode()}))
    aim = Aim(
        source=SOURCE,
        path="halves.py",
        file="halves.py",
        module="halves",
        budget_seconds=60.0,
        test_seconds=3.0,
        import_seconds=3.0,
        max_attempts=attempts,
    )
    provider = Prompted(model, load_templates())
    job = Job(aim=aim, provider_name="fake", model="", provider=provider, room=room, limits=Limits())

    async def tell(step: Step) -> None:
        heard(step)

    try:
        await generate(job, tell)
    finally:
        await room.close()
    return job


async def test_a_test_is_announced_while_the_model_still_writes(sandbox: Sandbox) -> None:
    """The model's answer ends only after its first test was run, passed and announced."""
    announced = asyncio.Event()

    def heard(step: Step) -> None:
        if isinstance(step, Accepted):
            announced.set()

    model = RecordedModel({"lines": [Says(text=f"```python\n{EVEN}{ODD.format('ValueError')}```", waits=announced)]})
    job = await run(sandbox, model, heard)
    assert [case.name for case in job.accepted] == ["test_half_of_even", "test_half_of_odd"]
    assert {case.symbol for case in job.accepted} == {"<module>"}


async def test_what_failed_is_mended_by_the_model_in_the_next_attempt(sandbox: Sandbox) -> None:
    """The failing test goes back with its error; the good one is kept, and not asked for again."""
    model = RecordedModel({"lines": [EVEN + ODD.format("KeyError"), ODD.format("ValueError") + "\n\n" + SIGN]})
    job = await run(sandbox, model, lambda _: None, attempts=2)
    assert {case.name for case in job.accepted} == {"test_half_of_even", "test_half_of_odd", "test_sign"}
    asked = model.prompts[1].messages[-1].text
    assert "ValueError: odd" in asked
    assert "test_half_of_even" not in asked
    assert job.coverage.branch == 100


async def test_text_that_is_withdrawn_is_no_test(sandbox: Sandbox) -> None:
    """What a reader puts together from the written text is what the pipeline judged, withdrawn pieces being gone."""
    text = ""

    def heard(step: Step) -> None:
        nonlocal text
        if isinstance(step, Written):
            text = text[: step.offset] + step.text

    before = f"{EVEN}def test_cut():\n    number = 3\n    assert numb"
    model = RecordedModel({"lines": [Says(before=before, text=ODD.format("ValueError"))]})
    job = await run(sandbox, model, heard)
    assert {case.name for case in job.accepted} == {"test_half_of_even", "test_half_of_odd"}
    assert "number = 3" not in text
    assert text == job.draft
    assert not job.rejected


@pytest.mark.parametrize(
    "bad",
    [
        "def test_bad():\n    while True:\n        half(2)\n",
        "def test_bad():\n    import os\n    os.system('touch left')\n    assert half(2) == 1\n",
        "import os\nos.system('touch left')\n\n\ndef test_bad():\n    assert half(3) == 1\n",
        "def test_bad(:\n    '''\n",
        "from halves import nothing\n\n\ndef test_bad():\n    assert nothing()\n",
        "describe('half', () => {\n  it('halves', () => expect(half(4)).toBe(2));\n});\n",
        "x = 1\n" * 50_000,
        "\n\nimport not_installed_anywhere\n\n\ndef test_bad():\n    assert not_installed_anywhere\n",
    ],
    ids=["loops", "shell", "shell at import", "no python", "no name", "javascript", "long", "absent import"],
)
async def test_a_bad_answer_costs_no_good_test(sandbox: Sandbox, bad: str) -> None:
    """Whatever a model writes beside it, the good test is kept."""
    good = "\n\n" + EVEN
    model = RecordedModel({"lines": [good + bad]}, chunk=4000)
    job = await run(sandbox, model, lambda _: None)
    assert [case.name for case in job.accepted] == ["test_half_of_even"]
    assert "os.system" not in job.output
