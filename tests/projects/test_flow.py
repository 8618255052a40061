"""The phases of a project: their order and percent, what is kept of a version before, and what a crash leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any, TypeVar

import pytest

from headwater.errors import Code, Problem
from headwater.projects import (
    SPANS,
    Began,
    Done,
    Edition,
    Finished,
    Moved,
    Noted,
    Order,
    Past,
    Phase,
    Previous,
    Redone,
    Removed,
    Spent,
    Step,
    Written,
    lock,
    planning,
)
from headwater.projects.flow import Seams, generate
from headwater.projects.proposing import Asked, improve
from headwater.proof import Rung, Status
from headwater.synthesis.project.files import File, Options, Plan
from headwater.synthesis.project.spec import Spec
from tests.fakes.model import RecordedModel, Says

BLOG = "Build a blog with authentication and comments"
_T = TypeVar("_T")


def order(text: str = BLOG, **given: Any) -> Order:
    """Returns an order of a text."""
    spec = planning.read(text, "", "")
    return Order(**{"name": "", "description": "", "requirements": text, "spec": spec, "options": Options(), **given})


async def steps_of(wanted: Order, seams: Seams | None = None, past: Past | None = None) -> list[Step]:
    """Returns all steps of an order."""
    return [each async for each in generate(wanted, seams or Seams(), past or Past())]


def of(kind: type[_T], steps: Sequence[Step]) -> list[_T]:
    """Returns the steps of a kind."""
    return [each for each in steps if isinstance(each, kind)]


def texts(steps: Sequence[Step]) -> dict[str, str]:
    """Returns the files by path."""
    return {each.file.path: each.file.text for each in of(Written, steps)}


async def unproven(files: Sequence[File], plan: Plan) -> AsyncGenerator[Rung]:
    """Proves nothing, truthfully."""
    del plan
    yield Rung(name="tests", command="pytest", status=Status.FAILED, exit_code=1, reason=f"{len(files)} files")


async def test_each_phase_begins_and_ends_once_and_percent_never_falls() -> None:
    """The phases come in their order, each with its own span of percent, and the last step is the sum."""
    steps = await steps_of(order())
    began = [each.phase for each in of(Began, steps)]
    assert began == [each.phase for each in of(Done, steps)] == [each for each in Phase if each is not Phase.PROOF]
    told = [each.percent for each in steps if isinstance(each, Began | Moved | Done)]
    assert told == sorted(told)
    assert all(
        SPANS[each.phase] == (each.percent, done.percent)
        for each, done in zip(of(Began, steps), of(Done, steps), strict=True)
    )
    assert isinstance(steps[-1], Finished)


async def test_the_same_order_gives_the_same_bytes() -> None:
    """Two runs of one order give equal steps, and the key of a project follows from its bytes."""
    first, second = await steps_of(order()), await steps_of(order())
    assert first == second
    other = await steps_of(order(f"{BLOG} and tags"))
    assert of(Finished, other)[0].key != of(Finished, first)[0].key


async def test_the_manifest_names_every_file_by_its_digest() -> None:
    """`.headwater/manifest.json` holds the SHA-256 of every file but itself."""
    written = texts(await steps_of(order()))
    sums = json.loads(written[lock.MANIFEST])["files"]
    assert sums == {
        path: hashlib.sha256(text.encode()).hexdigest() for path, text in written.items() if path != lock.MANIFEST
    }


async def test_a_rung_that_failed_is_no_success() -> None:
    """The sum says whether nothing has failed, and names what was not proven."""
    finished = of(Finished, await steps_of(order(), Seams(prove=unproven)))[0]
    assert not finished.success
    assert "1 failed" in finished.message


async def test_a_second_version_says_of_each_file_what_changed() -> None:
    """Files are told as added, changed (with a diff) or unchanged, and those that are gone as removed."""
    first = texts(await steps_of(order()))
    previous = lock.read(first[lock.PATH])
    steps = await steps_of(order(f"{BLOG} and tags", previous=previous))
    second = texts(steps)
    for each in of(Written, steps):
        path = each.file.path
        expected = "added" if path not in first else "unchanged" if first[path] == second[path] else "changed"
        assert (path, each.change) == (path, expected)
        assert bool(each.diff) == (expected == "changed")
    assert {each.change for each in of(Written, steps)} == {"added", "changed", "unchanged"}
    back = await steps_of(order(previous=lock.read(second[lock.PATH])))
    gone = {each.path for each in of(Removed, back)}
    assert gone == {path for path in second if path not in texts(back)}
    assert any("tag" in path for path in gone)


async def test_what_a_project_was_generated_from_can_be_read_back() -> None:
    """The lock file holds spec, options and the specs before, and each version is kept once."""
    first = lock.read(texts(await steps_of(order()))[lock.PATH])
    assert first == Previous(edition=Edition(spec=order().spec), options=Options())
    same = lock.read(texts(await steps_of(order(previous=first)))[lock.PATH])
    assert same == first
    second = lock.read(texts(await steps_of(order(f"{BLOG} and tags", previous=first)))[lock.PATH])
    assert second.earlier == (first.edition,)


async def test_an_older_version_of_the_tables_is_left_by_a_migration() -> None:
    """A lock without a layout is of the first one, where rows had no version: they get it by a migration."""
    value = json.loads(texts(await steps_of(order()))[lock.PATH])
    del value["spec"]["layout"]
    previous = lock.read(json.dumps(value))
    found = texts(await steps_of(order(previous=previous)))
    first, second = (found[path] for path in sorted(found) if "/migrations/versions/" in path)
    assert "row_version" not in first
    assert second.count('batch.add_column(sa.Column("row_version", sa.Integer(), server_default="1"') == 3
    again = texts(await steps_of(order(previous=lock.read(found[lock.PATH]))))
    assert {path: again[path] for path in found} == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        '{"format": 2}',
        '{"format": 1}',
        '{"format": 1, "spec": {}, "options": {}}',
        '{"format": 1, "spec": {"layout": 99}, "options": {}}',
        '{"format": 1, "spec": {"layout": []}, "options": {}}',
        "[" * 100_000,
    ],
)
def test_a_lock_that_cannot_be_read_is_refused(text: str) -> None:
    """Whatever else is sent as the version before is refused with the field and the remedy."""
    with pytest.raises(Problem) as refused:
        lock.read(text)
    assert refused.value.reason == "PREVIOUS_UNREADABLE"
    assert refused.value.violations[0].field == "previous"


async def test_a_run_that_was_cut_goes_on_at_the_phase_it_was_in() -> None:
    """What is done is not told again, what was half done is withdrawn, and the project is the same in the end."""
    whole = await steps_of(order())
    done = frozenset({Phase.INITIALIZATION, Phase.ANALYSIS, Phase.COMPLEXITY, Phase.DATABASE})
    past = Past(done=done, begun=Phase.BACKEND, spec=order().spec, attempt=2)
    rest = await steps_of(order(), past=past)
    assert rest[0] == Redone(phase=Phase.BACKEND, attempt=2)
    assert not {each.phase for each in rest if isinstance(each, Began | Done | Written)} & done
    assert of(Finished, rest) == of(Finished, whole)


def asked(model: RecordedModel, **given: Any) -> Asked:
    """Asks a model about the blog."""
    return Asked(**{"model": model, "requirements": BLOG, "attempts": 3, "strict": True, **given})


def proposals(*operations: dict[str, Any]) -> str:
    """Returns an answer that proposes operations."""
    return json.dumps({"operations": operations})


ADD = {"do": "add_entity", "name": "Badge", "fields": [{"name": "title", "type": "string"}]}


async def test_what_a_model_proposes_stands_in_the_spec() -> None:
    """An operation that can be done is done, and is marked as proposed by the model."""
    model = RecordedModel({"blog": [proposals(ADD)]})
    found = [each async for each in improve(asked(model), order().spec)]
    (spec,) = [each for each in found if isinstance(each, Spec)]
    badge = spec.entity("Badge")
    assert badge is not None
    assert model.name in badge.origin.reason


@pytest.mark.parametrize(
    "broken",
    [
        "I would add badges.",
        '{"operations": [{"do": "add_entity", "name": "Badge", "fields": [',
        proposals({**ADD, "fields": [{"name": "title", "type": "hologram"}]}),
        proposals({"do": "fly"}),
        "",
        "```json\n[[[[\n```",
    ],
)
async def test_a_broken_answer_is_sent_back_and_never_breaks_the_spec(broken: str) -> None:
    """What cannot be used is told to the model; what it mends is done, and the spec is valid throughout."""
    model = RecordedModel({"blog": [broken, proposals(ADD)]})
    found = [each async for each in improve(asked(model), order().spec)]
    specs = [each for each in found if isinstance(each, Spec)]
    assert len(model.prompts) == 2
    assert specs[-1].entity("Badge") is not None


async def test_a_model_that_mends_nothing_is_given_up() -> None:
    """After the last attempt the spec stands as it was, and a warning names what was dropped."""
    model = RecordedModel({"blog": [proposals({"do": "fly"})] * 3})
    found = [each async for each in improve(asked(model), order().spec)]
    assert len(model.prompts) == 3
    (note,) = [each for each in found if isinstance(each, Noted)]
    assert note.reason == "PROPOSALS_DROPPED"
    assert sum(isinstance(each, Spent) for each in found) == 3


async def test_a_vendor_that_is_down_ends_the_run_only_where_nobody_stands_behind_it() -> None:
    """Its Problem is raised where it was asked for alone, and told as a warning where `embedded` is behind it."""
    problem = Problem(Code.UNAVAILABLE, "VENDOR_UNAVAILABLE", "The vendor is away.", "Try again.")
    with pytest.raises(Problem) as raised:
        _ = [each async for each in improve(asked(RecordedModel({"blog": [Says(fails=problem)]})), order().spec)]
    assert raised.value.reason == "VENDOR_UNAVAILABLE"
    model = RecordedModel({"blog": [Says(fails=problem)]})
    (note,) = [each async for each in improve(asked(model, strict=False), order().spec)]
    assert isinstance(note, Noted)
    assert note.reason == "VENDOR_UNAVAILABLE"
