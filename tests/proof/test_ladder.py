"""The ladder tells the truth: what passed was run, what failed says why, and what could not be run is not run."""

from __future__ import annotations

import hashlib

import pytest

from headwater.proof import Extent, Limits, Status, Tools
from headwater.proof.ladder import LADDER
from headwater.sandbox.opening import OpenSandbox
from headwater.sandbox.zygotes import Warmth, Zygotes
from tests.proof.conftest import Project

MATRIX = "backend/app/generated/permissions.py"
BROKEN = "def broken(:\n"
FAILING = "def test_sums() -> None:\n    assert 1 + 1 == 3\n"
HANGING = "import time\n\n\ndef test_for_ever() -> None:\n    time.sleep(600)\n"

LEFT = "TO" + "DO"
"""What marks something left undone; no committed file holds the word."""


async def test_a_sound_project_passes(blog: Project, sandbox: OpenSandbox) -> None:
    """Every rung that can run in the sandbox passes, with its command, exit code, time and evidence."""
    rungs = await blog.proven(sandbox)
    assert list(rungs) == [each.name for each in LADDER if each.fast]
    for rung in rungs.values():
        if rung.name == "types":
            assert rung.status is Status.NOT_RUN  # no pyright was named
        else:
            assert rung.status is Status.PASSED, f"{rung.name}: {rung.reason}\n{rung.evidence}"
            assert rung.command
            assert rung.seconds > 0
            assert len(rung.sha256) == len(hashlib.sha256().hexdigest())
    assert rungs["tests"].exit_code == 0
    assert "TOTAL" in rungs["tests"].evidence
    assert "none got through" in rungs["authorisation"].evidence


async def test_a_file_that_does_not_parse_is_named(small: Project, sandbox: OpenSandbox) -> None:
    """A syntax error fails what reads the file and what runs it; each says where."""
    broken = small.with_file("backend/app/generated/broken.py", BROKEN)
    broken = broken.changed("backend/app/main.py", lambda text: f"{text}\nimport app.generated.broken\n")
    rungs = await broken.proven(sandbox, "files", "tests")
    assert rungs["files"].status is Status.FAILED
    assert "broken.py" in rungs["files"].reason
    assert rungs["files"].exit_code is None
    assert rungs["tests"].status is Status.FAILED
    assert rungs["tests"].exit_code not in {0, None}
    assert "SyntaxError" in rungs["tests"].evidence


async def test_a_placeholder_is_no_file(small: Project, sandbox: OpenSandbox) -> None:
    """What was left out is found by what stands in its place."""
    left = small.changed("backend/app/main.py", lambda text: f"{text}\n# {LEFT}: the rest\n")
    rungs = await left.proven(sandbox, "files")
    assert rungs["files"].status is Status.FAILED
    assert LEFT in rungs["files"].reason


async def test_a_test_that_fails_fails_the_rung(small: Project, sandbox: OpenSandbox) -> None:
    """The exit code is that of pytest, and the evidence names the test."""
    failing = small.with_file("backend/tests/custom/test_sums.py", FAILING)
    rungs = await failing.proven(sandbox, "tests")
    assert rungs["tests"].status is Status.FAILED
    assert rungs["tests"].exit_code == 1
    assert "test_sums" in rungs["tests"].evidence


async def test_a_test_that_hangs_is_ended(small: Project, sandbox: OpenSandbox) -> None:
    """After the time of a rung it is ended, and has failed, for it had time enough."""
    hanging = small.with_file("backend/tests/custom/test_0_hanging.py", HANGING)
    rungs = await hanging.proven(sandbox, "tests", limits=Limits(fast_seconds=300, rung_seconds=4))
    assert rungs["tests"].status is Status.FAILED
    assert rungs["tests"].exit_code is None
    assert rungs["tests"].reason == "it ran longer than 4 s"


async def test_what_does_not_fit_into_the_time_is_not_run(small: Project, sandbox: OpenSandbox) -> None:
    """A fast proof has so many seconds; a rung that would need more has neither passed nor failed."""
    hanging = small.with_file("backend/tests/custom/test_0_hanging.py", HANGING)
    rungs = await hanging.proven(sandbox, "tests", "types", limits=Limits(fast_seconds=4))
    assert [each.status for each in rungs.values()] == [Status.NOT_RUN, Status.NOT_RUN]
    assert all("4 s" in each.reason for each in rungs.values())


async def test_a_rung_without_its_tool_is_not_run(small: Project, sandbox: OpenSandbox) -> None:
    """Each says what is missing; nothing that was not run has passed."""
    names = ("lint", "types", "Postgres", "frontend types", "frontend tests", "frontend build", "browser")
    rungs = await small.proven(sandbox, *names, extent=Extent.FULL, tools=Tools())
    assert {each.status for each in rungs.values()} == {Status.NOT_RUN}
    assert rungs["lint"].reason == "ruff was not found."
    assert rungs["Postgres"].reason == "Postgres was not found."
    assert rungs["browser"].reason == "The project has no frontend."


async def test_without_a_sandbox_nothing_is_run(small: Project) -> None:
    """Rendered code runs behind locks or not at all."""
    closed = OpenSandbox(None, Zygotes(Warmth(needs=(), preload=()), 1), [])
    rungs = await small.proven(closed)
    assert {each.status for each in rungs.values()} == {Status.NOT_RUN}
    assert all("locks" in each.reason for each in rungs.values())


async def test_a_door_that_stands_open_is_found(blog: Project, sandbox: OpenSandbox) -> None:
    """Probes come from the permission matrix of the spec, not from the code that they try."""
    opened = blog.changed(MATRIX, lambda text: text.replace("update=Scope.OWN", "update=Scope.ALL"))
    rungs = await opened.proven(sandbox, "authorisation")
    assert rungs["authorisation"].status is Status.FAILED
    assert "PATCH /api/posts/" in rungs["authorisation"].evidence


async def test_tests_that_notice_nothing_are_found_out(blog: Project, sandbox: OpenSandbox) -> None:
    """A suite that passes whatever is dropped fails the mutants, though it passes itself."""
    kept = [each for each in blog.files if "tests/generated/test_" not in each.path]
    blind = Project(blog.plan, tuple(kept)).with_file("backend/tests/generated/test_users.py", "")
    blind = blind.with_file("backend/tests/generated/test_posts.py", "")
    rungs = await blind.proven(sandbox, "mutants", extent=Extent.FULL, limits=Limits(mutants=2))
    assert rungs["mutants"].status is Status.FAILED
    assert rungs["mutants"].reason.startswith("2 of 2")
    assert "not noticed" in rungs["mutants"].evidence


async def test_other_bytes_are_noticed(small: Project, sandbox: OpenSandbox) -> None:
    """Rendering again must give the same."""
    assert (await small.proven(sandbox, "same bytes"))["same bytes"].status is Status.PASSED


@pytest.mark.parametrize("fast", [True, False])
def test_rungs_have_names_of_their_own(*, fast: bool) -> None:
    """Every rung has a name and a command, and the short proof is a part of the long one."""
    chosen = [each for each in LADDER if each.fast or not fast]
    assert len({each.name for each in chosen}) == len(chosen)
    assert all(each.command for each in chosen)
