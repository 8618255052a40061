"""What keeps a server from starting, each in one clear line, and where it keeps its journal."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .conftest import Start
from .faces import message, stub
from .server import SECONDS, Server, command_line
from .sources import scripted


@pytest.fixture
def taken() -> Iterator[str]:
    """A port of the loopback that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield str(other.getsockname()[1])


def refused(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> str:
    """Tries to serve, and returns the one line with which that is refused."""
    folder.mkdir(exist_ok=True)
    ports = ("--grpc-port", "0", "--http-port", "0", "--store", f"sqlite://{folder}/journal.db")
    done = command_line(folder, "serve", *ports, "--log-level", "error", *options, environment=environment)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("headwater: "), lines[0]
    return lines[0]


@pytest.mark.parametrize("face", ["grpc", "http"])
def test_a_port_in_use_is_said_in_one_line(face: str, tmp_path: Path, taken: str) -> None:
    """The line names the port and the option that chooses another."""
    line = refused(tmp_path / "server", f"--{face}-port", taken)
    assert taken in line
    assert f"--{face}-port" in line


BAD_SETTINGS: Mapping[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "no number": (("--grpc-port", "many"), {}, "--grpc-port"),
    "no port": (("--http-port", "70000"), {}, "--http-port"),
    "no level": (("--log-level", "loud"), {}, "--log-level"),
    "from the environment": ((), {"HEADWATER_MAX_RUNS": "0"}, "HEADWATER_MAX_RUNS"),
    "no folder": (("--allow-root", "/no/such/folder"), {}, "/no/such/folder"),
    "no such sandbox": (("--sandbox", "cardboard"), {}, "--sandbox"),
    "no such store": (("--store", "carrier-pigeon://x"), {}, "sqlite:///"),
    "short secret": ((), {"HEADWATER_JWT_SECRET": "short"}, "HEADWATER_JWT_SECRET"),
    "key without a name": ((), {"HEADWATER_API_KEYS": ":key"}, "HEADWATER_API_KEYS"),
    "no JWKS": ((), {"HEADWATER_JWT_JWKS": "/no/such/keys.json"}, "/no/such/keys.json"),
    "open to all": (("--host", "0.0.0.0"), {}, "HEADWATER_API_KEYS"),
    "unknown address": (("--host", "192.0.2.1"), {"HEADWATER_API_KEYS": "a:b"}, "192.0.2.1"),
    "no certificate": (("--tls-certificate", "/no/such/cert.pem", "--tls-key", "/no/key.pem"), {}, "/no/such/cert.pem"),
    "certificate without a key": (("--tls-certificate", __file__), {}, "tls"),
    "no PEM": (("--tls-certificate", __file__, "--tls-key", __file__), {}, "PEM"),
    "unwritable store": (("--store", "sqlite:///proc/nowhere/journal.db"), {}, "/proc/nowhere"),
}


@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_a_bad_setting_is_said_in_one_line(case: str, tmp_path: Path) -> None:
    """The line names where the setting came from, or its value; nothing is started."""
    options, environment, named = BAD_SETTINGS[case]
    assert named in refused(tmp_path / "server", *options, environment=environment)


def test_a_store_that_another_server_holds_is_said_in_one_line(shared: Server, tmp_path: Path) -> None:
    """Two servers on one SQLite file would both carry its runs: the second does not start."""
    assert "journal.db" in refused(tmp_path / "second", "--store", shared.store)


def test_a_store_that_is_none_is_said_in_one_line(tmp_path: Path) -> None:
    """A file that is no database is left as it is."""
    other = tmp_path / "notes.txt"
    other.write_text("dear diary " * 200)
    assert "notes.txt" in refused(tmp_path / "server", "--store", f"sqlite://{other}")
    assert other.read_text() == "dear diary " * 200


def test_a_store_of_a_newer_version_is_said_in_one_line(start: Start, tmp_path: Path) -> None:
    """What a newer version wrote is not touched by an older one."""
    server = start()
    assert server.stop() == 0
    path = server.store.removeprefix("sqlite://")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO headwater_schema (number, title) VALUES (9999, 'of the future')")
    connection.close()
    assert "9999" in refused(tmp_path / "second", "--store", server.store)


def test_an_unknown_option_is_said_with_the_usage(tmp_path: Path) -> None:
    """As every command line does: usage on stderr and exit code 2."""
    done = command_line(tmp_path, "serve", "--prot", "1")
    assert done.returncode == 2
    assert "--prot" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_journal_lies_in_the_state_folder_by_default(tmp_path: Path) -> None:
    """Without --store it is a file under the user's state folder, which no one else can read."""
    server = Server(tmp_path)
    server.store = ""
    try:
        server.start()
        found = list((tmp_path / "home" / ".local" / "state" / "headwater").glob("headwater.db"))
        assert len(found) == 1
        assert found[0].stat().st_mode & 0o077 == 0
    finally:
        server.close()


def test_memory_is_a_store_too(start: Start) -> None:
    """`sqlite://:memory:` keeps nothing and serves as well."""
    server = start("--store", "sqlite://:memory:")
    with stub(server) as service:
        assert list(service.GenerateTests(message(scripted("quick")), timeout=SECONDS))[-1].HasField("complete")
