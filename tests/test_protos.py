"""The protos are linted, compatible with the last release, and what the committed stubs were made from."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from headwater.methods import comments, load_methods

ROOT = Path(__file__).parents[1]
DESCRIPTOR = ROOT / "service" / "headwater" / "v1" / "descriptor.binpb"
RELEASED = ROOT / "protos" / "released.binpb"
CONFIG = ROOT / "protos" / "buf.yaml"
BUF = Path(sysconfig.get_path("scripts")) / "buf"


def buf(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = BUF if BUF.exists() else shutil.which("buf")
    assert program is not None
    command = [str(program), *map(str, arguments), "--config", str(CONFIG)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_protos_pass_the_lint() -> None:
    """Every rule of STANDARD and COMMENTS holds, but those that buf.yaml explains."""
    result = buf("lint", DESCRIPTOR)
    assert (result.returncode, result.stdout) == (0, "")


def test_protos_break_nobody() -> None:
    """No released field, number, type or method has changed (rule set FILE)."""
    result = buf("breaking", DESCRIPTOR, "--against", RELEASED)
    assert (result.returncode, result.stdout) == (0, "")


def test_a_breaking_change_is_noticed(tmp_path: Path) -> None:
    """The check above can fail: a descriptor without one of its messages breaks it."""
    from google.protobuf import descriptor_pb2  # noqa: PLC0415 — only here

    changed = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTOR.read_bytes())
    for file in changed.file:
        if file.name == "headwater/v1/runs.proto":
            del next(message for message in file.message_type if message.name == "Warning").field[0]
    path = tmp_path / "changed.binpb"
    path.write_bytes(changed.SerializeToString())
    assert buf("breaking", path, "--against", RELEASED).returncode != 0


def test_stubs_are_what_the_protos_say() -> None:
    """The committed stubs and descriptor are those that `make proto` writes."""
    command = [sys.executable, "-m", "tests.tools.protos", "check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_comments_reach_the_descriptor() -> None:
    """Methods, messages and fields carry their comments, for OpenAPI and the docs."""
    found = comments(DESCRIPTOR.read_bytes())
    assert found["headwater.v1.Source.path"].startswith("The file to test")
    assert all(method.comment for method in load_methods().values())
    assert all("Errors:" in method.comment for method in load_methods().values())
