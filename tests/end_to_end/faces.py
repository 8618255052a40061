"""The faces of a server as users call them: grpcurl, curl, the generated stub, the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from headwater.v1 import generate_tests_pb2, headwater_pb2_grpc, runs_pb2

from .server import SECONDS, Server

SERVICE = "headwater.v1.HeadwaterService"


def grpcurl(server: Server, method: str, request: Any, *options: str) -> subprocess.CompletedProcess[str]:
    """Calls a method by grpcurl, which learns the messages by reflection; skips where there is no grpcurl."""
    places = [os.environ.get("GOBIN", ""), str(Path.home() / "go" / "bin"), os.environ["PATH"]]
    program = shutil.which("grpcurl", path=os.pathsep.join(filter(None, places)))
    if program is None:
        pytest.skip("grpcurl is not there: go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3")
    command = [program, "-plaintext", "-format-error", *options, "-d", json.dumps(request)]
    return run([*command, server.grpc, f"{SERVICE}/{method}"])


def curl(server: Server, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> str:
    """Calls a path by curl, just as the documentation says, and returns the body."""
    command = ["curl", "-sSN", f"{server.http}{path}"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    if body is not None:
        command += ["-d", json.dumps(body)]
    done = run(command)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end."""
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=cwd, env=env)


@contextmanager
def stub(server: Server) -> Generator[Any]:
    """Opens the generated stub."""
    with grpc.insecure_channel(server.grpc, options=[("grpc.max_send_message_length", -1)]) as channel:
        yield headwater_pb2_grpc.HeadwaterServiceStub(channel)


def message(request: Mapping[str, Any]) -> generate_tests_pb2.GenerateTestsRequest:
    """Makes the message of a request in JSON."""
    return json_format.ParseDict(dict(request), generate_tests_pb2.GenerateTestsRequest())


def generate(server: Server, asked: Mapping[str, Any]) -> list[generate_tests_pb2.GenerateTestsEvent]:
    """Generates tests by the stub, and returns all events."""
    with stub(server) as service:
        return list(service.GenerateTests(message(asked), timeout=SECONDS))


def state_of(server: Server, run: str) -> tuple[int, int]:
    """Returns a run's state and how often it was started."""
    with stub(server) as service:
        found = service.GetRun(runs_pb2.GetRunRequest(run=run), timeout=SECONDS)
    return found.state, found.attempt
