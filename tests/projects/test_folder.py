"""A project in a folder: hooks and their tests are written together, and never over what a person has written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from google.protobuf.message import Message

from headwater.project_command import Folder, Heard
from headwater.synthesis.project.hooks import HOOKS, TESTS
from headwater.v1 import generate_project_pb2 as pb


async def heard(**texts: str) -> Heard:
    """Returns what a stream tells of some files of hooks."""

    async def events() -> AsyncIterator[Message]:
        for path, text in texts.items():
            yield pb.GenerateProjectEvent(file_start=pb.FileStart(path=path, phase="backend", custom=True))
            yield pb.GenerateProjectEvent(code_chunk=pb.CodeChunk(path=path, content=text))
            yield pb.GenerateProjectEvent(file_end=pb.FileEnd(path=path))

    found = Heard()
    assert len([event async for event in found.listen(events())]) == 3 * len(texts)
    return found


async def test_hooks_are_never_written_over(tmp_path: Path) -> None:
    """They come with their tests, unless there are others already: then both are put beside, and that is said."""
    told = await heard(**{HOOKS: "# hooks\n", TESTS: "# tests\n"})
    code, tests = tmp_path / HOOKS, tmp_path / TESTS
    folder = Folder(tmp_path, force=False)
    for _ in range(2):
        assert not [line for line in folder.put(told) if line.startswith("Left")]
        assert (code.read_text(), tests.read_text()) == ("# hooks\n", "# tests\n")
    tests.unlink()
    code.write_text("# mine\n")
    said = [line for line in folder.put(told) if line.startswith("Left")]
    assert [line.split()[1] for line in said] == [HOOKS, TESTS]
    assert code.read_text() == "# mine\n"
    assert not tests.exists()
    assert code.with_name("hooks.py.new").read_text() == "# hooks\n"
    assert tests.with_name("test_hooks.py.new").read_text() == "# tests\n"


async def test_without_hooks_the_file_of_hooks_is_a_persons_alone(tmp_path: Path) -> None:
    """A project without hooks leaves what was written there, and puts nothing beside it."""
    (tmp_path / HOOKS).parent.mkdir(parents=True)
    (tmp_path / HOOKS).write_text("# mine\n")
    told = Folder(tmp_path, force=True).put(await heard(**{HOOKS: "# hooks\n"}))
    assert not [line for line in told if line.startswith("Left")]
    assert (tmp_path / HOOKS).read_text() == "# mine\n"
    assert not (tmp_path / f"{HOOKS}.new").exists()
