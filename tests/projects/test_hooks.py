"""A model fills hooks behind tests that exist first: what was run is kept, all else is left out and says why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

from headwater.errors import Code, Problem
from headwater.pipeline.tidy import tidy
from headwater.projects import Done, Hooked, Noted, Past, Phase, Spent, Turned, Written, lock, planning
from headwater.projects.filling import Filled, Filling, fill
from headwater.projects.flow import Seams
from headwater.projects.phases import render
from headwater.proof import Extent, Status, Subject, Tools
from headwater.proof.backend import TYPES
from headwater.proof.ladder import prove
from headwater.proof.machine import found
from headwater.proof.reading import AGAIN
from headwater.proof.rehearsal import rehearse
from headwater.sandbox.opening import OpenSandbox
from headwater.synthesis.project import hooks
from headwater.synthesis.project.files import Hook, Options, Plan
from headwater.synthesis.project.hooks import Bounds
from tests.fakes.model import RecordedModel, Says
from tests.projects.test_flow import of, order, steps_of, texts

NAME = "before_save_note"
RULE = "The title of a note must not be secret."
SMALL = "A note has a title, at most 50 characters, and a text."
NOTES = f"{SMALL} {RULE}\n"
NAMES = json.dumps({"hooks": [{"hook": NAME, "rule": RULE}]})
TOLD = """```python
from tests.generated.calling import Api


def test_a_secret_title_is_refused(api: Api) -> None:
    \"\"\"No note is called so.\"\"\"
    caller = api.sign_in("admin")
    answer = caller.post("/api/notes", {**api.rows.note_body(), "title": "secret"})
    assert answer.status_code == 409


def test_another_title_is_taken(api: Api) -> None:
    \"\"\"All others are.\"\"\"
    assert api.sign_in("admin").post("/api/notes", api.rows.note_body()).status_code == 201
```"""
CODE = '''from app.generated import models
from app.generated.errors import Problem
from app.generated.hooks import Write


def before_save_note(note: models.Note, write: Write) -> None:
    """Refuses a note that is called secret."""
    if note.title == 'secret':
        raise Problem(409, "A note cannot be called so.")
'''
GOOD = f"Here it is.\n```python\n{CODE}```"
LOOP = GOOD.replace("    if note", "    while True:\n        pass\n    if note")
FOR_OTHERS = GOOD.replace(
    "note.title == 'secret'", "note.title == 'secret' or write.action is not Action.CREATE"
).replace("import models\n", "import models\nfrom app.generated.access import Action\n")
KEPT = Hook(name=NAME, rule=RULE, code=CODE.replace("'", '"'), tests=TOLD[len("```python\n") : -len("```")])


@pytest.fixture(scope="module")
def notes() -> Plan:
    """A project without accounts, so that its tests are few."""
    return planning.plan(planning.read(SMALL, "notes", ""), Options(frontend=False))


def filling(sandbox: OpenSandbox, model: RecordedModel | None = None, **given: Any) -> Filling:
    """Returns what fills hooks, without pyright: its seconds are those of one test here."""
    tools = Tools(ruff=found().ruff)
    known: dict[str, Any] = {"strict": True, "requirements": NOTES, **given}
    return Filling(
        rehearse=partial(rehearse, sandbox=sandbox, tools=tools),
        tidy=partial(tidy, line_length=120),
        model=model,
        **known,
    )


def says(*answers: str | Says, names: str = NAMES) -> RecordedModel:
    """Returns a model that names hooks, and answers the questions about the first of them in order."""
    return RecordedModel({"Which rules": [names], "Write the tests": answers})


async def filled(asked: Filling, plan: Plan, decided: Sequence[Hooked] = ()) -> list[Filled]:
    """Returns all that is told."""
    return [each async for each in fill(asked, plan, decided)]


async def test_a_hook_is_kept_whose_tests_failed_without_it_and_pass_with_it(sandbox: OpenSandbox, notes: Plan) -> None:
    """The tests are asked for first, then the hook; the project that holds both is typed, and the same again."""
    model = says(TOLD, GOOD)
    steps = await filled(filling(sandbox, model), notes)
    (hook,) = of(Hooked, steps)
    assert hook.accepted, hook.message
    assert (hook.hook.name, hook.hook.rule, hook.attempts) == (NAME, RULE, 2)
    assert '== "secret"' in hook.hook.code  # formatted
    assert len(of(Spent, steps)) == len(model.prompts) == 3
    assert [each.message.partition(": ")[2] for each in of(Turned, steps)][2:] == [
        "asking for the tests",
        "running the tests",
        "asking for the hook",
        "running the hook",
    ]
    whole = planning.plan(notes.spec, notes.options, hooks=(hook.hook,))
    files = tuple(file for _, file in render(whole))
    subject = Subject(files=files, again=lambda: (file for _, file in render(whole)))
    ladder = (AGAIN, TYPES)
    climbed = prove(subject, whole, Extent.FULL, sandbox=sandbox, tools=found(), ladder=ladder)
    rungs = {rung.name: rung async for rung in climbed}
    assert {rung.status for rung in rungs.values()} <= {Status.PASSED, Status.NOT_RUN}, rungs
    assert rungs["same bytes"].status is Status.PASSED


@pytest.mark.parametrize(
    ("answers", "reason", "said"),
    [
        ((TOLD.replace("== 409", "== 201"),), "TESTS_NOT_RED", "pass without the hook"),
        ((TOLD, FOR_OTHERS), "HOOK_BREAKS_PROJECT", "pytest"),
        ((TOLD, LOOP), "HOOK_DOES_NOT_END", "longer than"),
    ],
    ids=["passes without", "breaks others", "endless"],
)
async def test_what_does_not_hold_is_left_out(
    sandbox: OpenSandbox, notes: Plan, answers: tuple[str, ...], reason: str, said: str
) -> None:
    """A draft that fails is told with its reason, and leaves no code behind."""
    bounds = Bounds(repairs=0, run_seconds=15.0)
    steps = await filled(filling(sandbox, says(*answers), bounds=bounds), notes)
    (hook,) = of(Hooked, steps)
    assert (hook.accepted, hook.reason, hook.hook.code) == (False, reason, ""), hook.message
    assert said in hook.message
    assert bool(hook.hook.tests) == (len(answers) == 2)
    assert hook.attempts == len(answers)


async def test_what_cannot_be_kept_is_sent_back_with_what_is_wrong(sandbox: OpenSandbox, notes: Plan) -> None:
    """Prose, broken code, forbidden code, code that fails: each is told, and what holds in the end is kept."""
    told = {
        "I would test the title.": "no Python",
        "import subprocess\n\n\ndef test_a() -> None:\n    assert subprocess\n": "subprocess may not be imported",
        "# " + "x" * 100_000: "longer than",
        TOLD.replace("api.rows.note_body()", "api.rows.nothing()"): "mistake of its own",
        TOLD.replace("== 201", "== 200"): "",
        GOOD.replace("-> None:", "-> None"): "no Python",
        "It cannot be done.": "no Python",
        GOOD.replace("from app.generated import models", "import os"): "os may not be imported",
        GOOD.replace("note.title ==", "note.name =="): "has no attribute 'name'",
        GOOD: "test_another_title_is_taken",
        TOLD: "",
    }
    model = says(*told)
    (hook,) = of(Hooked, await filled(filling(sandbox, model, bounds=Bounds(repairs=5)), notes))
    assert hook.accepted, hook.message
    assert hook.attempts == len(told)
    asked = [each.messages[-1].text for each in model.prompts][2:]
    for question, said in zip(asked, told.values(), strict=False):
        assert said in question
    assert "== 201" in hook.hook.tests


async def test_a_model_that_mends_nothing_is_given_up(sandbox: OpenSandbox, notes: Plan) -> None:
    """After two repairs a hook is left out; where a model names nothing, what looks like a rule is tried."""
    model = says("no code", names="Rules? None that I know.")
    steps = await filled(filling(sandbox, model), notes)
    (note,) = of(Noted, steps)
    assert note.reason == "HOOKS_UNNAMED"
    (hook,) = of(Hooked, steps)
    assert (hook.hook.name, hook.reason, hook.attempts) == (NAME, "CODE_UNREADABLE", 3)
    assert len(model.prompts) == 6


async def test_there_is_a_bound_of_hooks(sandbox: OpenSandbox, notes: Plan) -> None:
    """Those beyond the bound are left out without asking."""
    more = json.dumps({"hooks": [{"hook": NAME, "rule": RULE}, {"hook": "after_delete_note", "rule": "None."}]})
    model = says("no code", names=more)
    steps = await filled(filling(sandbox, model, bounds=Bounds(hooks=1, repairs=0)), notes)
    assert [each.reason for each in of(Hooked, steps)] == ["CODE_UNREADABLE", "HOOKS_TOO_MANY"]
    assert len(model.prompts) == 2


async def test_what_cannot_be_run_is_never_taken(sandbox: OpenSandbox, notes: Plan, tmp_path: Path) -> None:
    """Where the project does not run in the sandbox, nobody is asked, and hooks of before are left out."""
    model = says(TOLD, GOOD)
    bare = partial(rehearse, sandbox=sandbox, tools=Tools(python=_bare(tmp_path)))
    steps = [each async for each in fill(Filling(rehearse=bare, tidy=tidy, model=model, earlier=(KEPT,)), notes, ())]
    assert [each.reason for each in of(Noted, steps)] == ["HOOKS_UNVERIFIED"]
    assert [each.reason for each in of(Hooked, steps)] == ["HOOKS_UNVERIFIED"]
    assert model.prompts == []


def _bare(folder: Path) -> Path:
    """Returns an interpreter that has nothing of what projects stand on."""
    python = folder / "python"
    python.write_text("#!/bin/sh\necho 'No module named pytest'\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    return python


async def test_hooks_of_a_version_before_are_tried_again_without_a_model(sandbox: OpenSandbox, notes: Plan) -> None:
    """They are kept while they hold; one whose entity is gone, or that does not hold any more, is left out."""
    (hook,) = of(Hooked, await filled(filling(sandbox, earlier=(KEPT,)), notes))
    assert hook == Hooked(hook=KEPT)
    other = planning.plan(planning.read("A memo has a title and a text.", "", ""), Options(frontend=False))
    (gone,) = of(Hooked, await filled(filling(sandbox, earlier=(KEPT,)), other))
    assert (gone.reason, gone.hook.code) == ("HOOK_OUTDATED", "")


async def test_a_vendor_that_fails_ends_it_only_where_nobody_stands_behind_it(
    sandbox: OpenSandbox, notes: Plan
) -> None:
    """What was kept before stays; the rest is left out with a warning, or the Problem is raised."""
    away = Says(fails=Problem(Code.UNAVAILABLE, "VENDOR_UNAVAILABLE", "The vendor is away.", "Try again."))
    with pytest.raises(Problem) as raised:
        await filled(filling(sandbox, says(away)), notes)
    assert raised.value.reason == "VENDOR_UNAVAILABLE"
    steps = await filled(filling(sandbox, says(away), strict=False), notes)
    assert [each.reason for each in of(Noted, steps)] == ["VENDOR_UNAVAILABLE"]
    assert of(Hooked, steps) == []


class Never(asyncio.Event):
    """An answer that never ends, and tells when it is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self) -> Literal[True]:
        self.reached.set()
        return await super().wait()


async def test_a_run_that_is_cancelled_leaves_no_question_open(sandbox: OpenSandbox, notes: Plan) -> None:
    """The vendor's answer is closed at once."""
    never = Never()
    model = says(Says(text="def", waits=never))
    running = asyncio.ensure_future(filled(filling(sandbox, model), notes))
    await never.reached.wait()
    assert model.open == 1
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert model.open == 0


async def test_a_hook_that_is_decided_is_not_asked_for_again(sandbox: OpenSandbox, notes: Plan) -> None:
    """What a run decided before it was cut stands: accepted or left out."""
    model = says(TOLD, GOOD)
    steps = await filled(filling(sandbox, model), notes, (Hooked(hook=KEPT),))
    assert of(Hooked, steps) == []
    assert len(model.prompts) == 1


async def test_hooks_are_part_of_the_project_and_of_what_it_is_generated_from() -> None:
    """The files of hooks are the user's; the lock holds the hooks, and the next version begins with them."""

    async def accepting(plan: Plan, decided: Sequence[Hooked]) -> AsyncGenerator[Filled]:
        assert plan.hooks == ()
        yield Turned(message="working")
        if not decided:
            yield Hooked(hook=KEPT)

    wanted = order(SMALL)
    plain, steps = await steps_of(wanted), await steps_of(wanted, Seams(fill=accepting))
    written = {each.file.path: each.file for each in of(Written, steps)}
    assert written[hooks.HOOKS].custom
    assert written[hooks.TESTS].custom
    assert len(of(Written, steps)) == len(written)
    changed = {path for path, text in texts(steps).items() if texts(plain).get(path) != text}
    assert changed == {hooks.HOOKS, hooks.TESTS, lock.PATH, lock.MANIFEST}
    previous = lock.read(texts(steps)[lock.PATH])
    assert previous.hooks == (KEPT,)
    assert lock.read(texts(plain)[lock.PATH]).hooks == ()
    again = await steps_of(order(SMALL, previous=previous), Seams(fill=accepting))
    assert {each.change for each in of(Written, again)} == {"unchanged"}
    (backend,) = [each.data for each in of(Done, steps) if each.phase is Phase.BACKEND]
    assert [(each["name"], each["status"]) for each in backend["hooks"]] == [(NAME, "accepted")]


async def test_a_run_that_was_cut_keeps_its_hooks() -> None:
    """After the backend nothing is asked; within it, what was decided is told again and handed on."""
    asked: list[Sequence[Hooked]] = []

    async def filler(plan: Plan, decided: Sequence[Hooked]) -> AsyncGenerator[Filled]:
        asked.append(decided)
        for each in () if plan.hooks else (Turned(message="working"),):
            yield each

    kept = (Hooked(hook=KEPT),)
    early = frozenset({Phase.INITIALIZATION, Phase.ANALYSIS, Phase.COMPLEXITY, Phase.DATABASE})
    wanted = order(SMALL)
    late = Past(done=early | {Phase.BACKEND}, begun=Phase.FRONTEND, spec=wanted.spec, hooks=kept, attempt=2)
    rest = await steps_of(wanted, Seams(fill=filler), late)
    assert asked == []
    assert lock.read(texts(rest)[lock.PATH]).hooks == (KEPT,)
    cut = Past(done=early, begun=Phase.BACKEND, spec=wanted.spec, hooks=kept, attempt=2)
    rest = await steps_of(wanted, Seams(fill=filler), cut)
    assert asked == [kept]
    assert of(Hooked, rest) == list(kept)
    assert hooks.TESTS in texts(rest)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "import os\n" + KEPT.code}, "os may not be imported"),
        ({"code": "def broken(:"}, "no Python"),
        ({"name": "before_save_spaceship"}, "no hook"),
        ({"tests": ""}, "no Python function"),
        ({"rule": 5}, "no object of the texts"),
    ],
)
async def test_hooks_of_a_lock_are_screened(change: dict[str, object], said: str) -> None:
    """What is sent as the version before is a stranger's text as well."""
    value = json.loads(texts(await steps_of(order(SMALL)))[lock.PATH])
    given = {"name": KEPT.name, "rule": KEPT.rule, "code": KEPT.code, "tests": KEPT.tests}
    value["hooks"] = [given | change]
    with pytest.raises(Problem) as refused:
        lock.read(json.dumps(value))
    assert refused.value.reason == "PREVIOUS_UNREADABLE"
    assert said in str(refused.value)
    value["hooks"] = [given, given]
    with pytest.raises(Problem, match="two of that name"):
        lock.read(json.dumps(value))
