"""GenerateProject against a real server: one project on every face, fetched again, cut, killed and refused."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .faces import curl, grpcurl, run
from .project_faces import FACES, Event, by_stub, from_lines, from_object, kept, plain
from .server import SECONDS, Server, clean_environment
from .streams import check_order, frames

BLOG = {
    "project_name": "My blog",
    "requirements": "Build a blog with authentication and comments",
    "proof": "PROOF_LEVEL_NONE",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server; afterwards none of its processes is left."""
    served = Server(tmp_path_factory.mktemp("projects"))
    try:
        yield served.start()
        assert served.stop() == 0
        assert served.leftovers() == []
    finally:
        served.close()


@pytest.fixture(scope="module")
def blog(server: Server) -> list[Event]:
    """The events of a project that was generated once."""
    return by_stub(server, BLOG)


def files_of(events: list[Event]) -> dict[str, str]:
    """Puts the chunks of each file together."""
    found: dict[str, str] = {}
    for event in events:
        chunk = event.code_chunk
        if event.WhichOneof("event") == "file_start":
            found[event.file_start.path] = ""
        elif event.WhichOneof("event") == "code_chunk":
            assert chunk.offset == len(found[chunk.path])
            found[chunk.path] += chunk.content
    return found


@pytest.mark.parametrize("face", FACES)
def test_every_face_tells_the_same_project(server: Server, blog: list[Event], face: str) -> None:
    """The same request gives the same events on each face, but for the run's id and the time."""
    events = FACES[face](server, BLOG)
    found: Any = events
    check_order(found)
    assert plain(events) == plain(blog)


def test_files_are_whole_and_their_digests_are_true(blog: list[Event]) -> None:
    """Each file begins, comes in pieces without a gap, and ends with the digest and size of what was sent."""
    files = files_of(blog)
    ends = {event.file_end.path: event.file_end for event in blog if event.WhichOneof("event") == "file_end"}
    assert files.keys() == ends.keys()
    for path, text in files.items():
        assert (ends[path].sha256, ends[path].bytes) == (hashlib.sha256(text.encode()).hexdigest(), len(text.encode()))
    result = blog[-1].complete.result
    assert blog[-2].result == result
    assert {each.path: each.sha256 for each in result.manifest} == {path: end.sha256 for path, end in ends.items()}
    assert result.success
    assert result.phases.complexity.cosmic == sum(len(each.movements) for each in result.phases.complexity.processes)
    assert {each.name for each in result.phases.analysis.spec.entities} == {"User", "Post", "Comment"}


def test_a_project_is_kept(server: Server, blog: list[Event]) -> None:
    """Its manifest and phases, each file and a zip can be fetched by HTTP and gRPC, and are what was streamed."""
    project, files = blog[0].run, files_of(blog)
    found = json.loads(curl(server, f"/v1/projects/{project}"))
    assert (found["name"], found["state"]) == ("my_blog", "completed")
    assert [each["path"] for each in found["manifest"]] == sorted(files)
    assert json.loads(grpcurl(server, "GetProject", {"project": project}).stdout)["name"] == "my_blog"
    for path in (".headwater/project.json", "backend/app/main.py"):
        assert curl(server, f"/v1/projects/{project}/files/{path}") == files[path]
    packed = httpx.get(f"{server.http}/v1/projects/{project}:archive", timeout=SECONDS)
    assert packed.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert {name.removeprefix("my_blog/"): archive.read(name).decode() for name in archive.namelist()} == files
    again = httpx.get(f"{server.http}/v1/projects/{project}:archive", timeout=SECONDS)
    assert again.content == packed.content


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/v1/projects/nobody", "PROJECT_NOT_FOUND"),
        ("/v1/projects/nobody:archive", "PROJECT_NOT_FOUND"),
        ("/v1/projects/nobody/files/README.md", "PROJECT_NOT_FOUND"),
        ("/v1/projects/{project}/files/nothing.py", "FILE_NOT_FOUND"),
        ("/v1/projects/{project}/files/%2e%2e/%2e%2e/etc/passwd", "FILE_NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_not_found(server: Server, blog: list[Event], path: str, reason: str) -> None:
    """A project or a file that does not exist is a 404 with its reason."""
    answer = httpx.get(server.http + path.format(project=blog[0].run), timeout=SECONDS)
    assert answer.status_code == 404
    assert answer.json()["error"]["details"][0]["reason"] == reason


def test_a_run_of_another_kind_is_no_project(server: Server) -> None:
    """The id of a run that generated tests names no project."""
    body = {"source": {"content": "def double(x):\n    return 2 * x\n"}, "limits": {"budget": "1s"}}
    tests = curl(server, "/v1/tests:generate", body, {"Accept": "application/x-ndjson"})
    other = json.loads(tests.splitlines()[0])["run"]
    assert httpx.get(f"{server.http}/v1/projects/{other}", timeout=SECONDS).status_code == 404


REFUSED = [
    ({"requirements": ""}, "REQUIREMENTS_EMPTY", "requirements"),
    ({"requirements": "x" * 300_000}, "REQUIREMENTS_TOO_LONG", "requirements"),
    ({"stack": {"backend": "rails"}}, "STACK_UNKNOWN", "stack.backend"),
    ({"stack": {"deployment": ["docker", "moon"]}}, "STACK_UNKNOWN", "stack.deployment[1]"),
    ({"license": "GPL-3.0"}, "STACK_UNKNOWN", "license"),
    ({"provider": ["nobody"]}, "PROVIDER_UNKNOWN", "provider"),
    ({"provider": ["scripted"]}, "PROVIDER_UNFIT", "provider"),
    ({"model": "gpt-4o"}, "MODEL_UNUSED", "model"),
    ({"previous": "{"}, "PREVIOUS_UNREADABLE", "previous"),
    ({"project_name": "n" * 200}, "OUT_OF_BOUNDS", "project_name"),
    ({"proof": 9}, "PROOF_UNKNOWN", "proof"),
]


@pytest.mark.parametrize(("change", "reason", "field"), REFUSED, ids=[f"{reason}-{at}" for _, reason, at in REFUSED])
def test_bad_requests_are_refused(server: Server, change: dict[str, Any], reason: str, field: str) -> None:
    """Each unusable field is a 400 that names it, before a run begins."""
    answer = httpx.post(f"{server.http}/v1/projects:generate", json={**BLOG, **change}, timeout=SECONDS)
    assert answer.status_code == 400, answer.text
    details = answer.json()["error"]["details"]
    assert details[0]["reason"] == reason
    violations = [each["field"] for detail in details for each in detail.get("field_violations", [])]
    assert any(each.startswith(field) for each in violations), violations


def test_a_missing_key_names_its_variable(server: Server) -> None:
    """A vendor without a key is refused with the variable and the way without one."""
    answer = httpx.post(f"{server.http}/v1/projects:generate", json={**BLOG, "provider": ["openai"]}, timeout=SECONDS)
    assert answer.status_code == 400, answer.text
    assert "OPENAI_API_KEY" in answer.text


def test_a_killed_server_goes_on_at_the_phase_it_was_in(tmp_path: Path) -> None:
    """After kill -9 the next process carries the run on: no gap, no repeat, and what was done is not done again."""
    served = Server(tmp_path)
    try:
        served.start()
        seen: list[Event] = []
        headers = {"accept": "text/event-stream"}
        body = {**BLOG, "proof": "PROOF_LEVEL_FAST"}
        with (
            httpx.Client(timeout=SECONDS) as client,
            client.stream("POST", f"{served.http}/v1/projects:generate", json=body, headers=headers) as answer,
        ):
            for frame in frames(answer.iter_lines()):
                seen.append(from_object(frame.data))
                if seen[-1].WhichOneof("event") == "proof_rung":
                    break
            served.kill()
        assert seen[-1].WhichOneof("event") == "proof_rung"
        served.start()
        rest = kept(served, seen[0].run, seen[-1].sequence)
        every = [*seen, *rest]
        found: Any = every
        check_order(found)
        kinds = [each.WhichOneof("event") for each in every]
        assert kinds.count("complete") == 1
        assert kinds.count("start") == 1
        resets = [each.reset.scope for each in every if each.WhichOneof("event") == "reset"]
        assert resets in ([], ["proof"])
        phases = [each.phase_complete.phase for each in every if each.WhichOneof("event") == "phase_complete"]
        assert len(phases) == len(set(phases))
        whole = files_of([each for each in every if not each.HasField("reset")])
        assert whole == files_of(by_stub(served, BLOG))
    finally:
        served.close()


def command(*arguments: str, home: Path) -> Any:
    """Runs `headwater project`."""
    program = [sys.executable, "-m", "headwater", "project", *arguments]
    return run(program, env=clean_environment(home))


def test_the_command_writes_a_project_and_keeps_what_was_changed(tmp_path: Path) -> None:
    """A second call brings the folder up to date, and leaves alone what a person has written there."""
    wanted, out = tmp_path / "wanted.txt", tmp_path / "out"
    wanted.write_text(BLOG["requirements"])
    options = ("--requirements", str(wanted), "--out", str(out), "--proof", "none")
    done = command(*options, home=tmp_path)
    assert done.returncode == 0, done.stderr
    main, hooks = out / "backend/app/main.py", out / "backend/app/custom/hooks.py"
    hooks.write_text("# mine\n")
    main.write_text("# mine, too\n")
    wanted.write_text(f"{BLOG['requirements']} and tags")
    done = command(*options, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert hooks.read_text() == "# mine\n"
    assert main.read_text() == "# mine, too\n"
    assert "Kept backend/app/main.py" in done.stderr
    assert (out / "backend/app/main.py.new").exists()
    assert "added" in done.stderr
    tags = [path for path in out.rglob("*") if "tag" in path.name]
    assert tags
    wanted.write_text(f"{BLOG['requirements']}, tags and likes")
    done = command(*options, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("Kept")] == [
        "Kept backend/app/main.py, which was changed here; what was generated is in main.py.new"
    ]
    wanted.write_text(BLOG["requirements"])
    assert command(*options, "--force", home=tmp_path).returncode == 0
    assert not any(path.exists() for path in tags if path.suffix == ".py" and "migrations" not in path.parts)
    assert main.read_text() != "# mine, too\n"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda out: (out.mkdir(), (out / "mine.txt").write_text("x")), "OUT_UNUSABLE"),
        (lambda out: out.write_text("x"), "OUT_UNUSABLE"),
    ],
    ids=["a folder of something else", "a file"],
)
def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path, make: Any, said: str) -> None:
    """Nothing is written into a folder that holds something else."""
    out, wanted = tmp_path / "out", tmp_path / "wanted.txt"
    wanted.write_text(BLOG["requirements"])
    make(out)
    done = command("--requirements", str(wanted), "--out", str(out), "--proof", "none", home=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_command_says_what_a_server_says(server: Server, blog: list[Event], tmp_path: Path) -> None:
    """With --server and --json the command prints the run's events as lines, and writes the same files."""
    wanted, out = tmp_path / "wanted.txt", tmp_path / "out"
    wanted.write_text(BLOG["requirements"])
    options = ["--requirements", str(wanted), "--out", str(out), "--proof", "none", "--name", BLOG["project_name"]]
    done = command(*options, "--server", server.grpc, "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert plain(from_lines(done.stdout)) == plain(blog)
    written = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}
    assert written == files_of(blog)
