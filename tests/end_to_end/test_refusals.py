"""Bad input is refused on every face with code, reason, field and remedy; the service goes on as if nothing was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import grpc
import httpx
import pytest

from .bad_requests import BAD, SHAPELESS, source
from .faces import generate, message, stub
from .identities import ANNA, token
from .refusals import FACES, Refused, assert_civil, by_grpcurl, by_json, by_sse
from .server import SECONDS, Server, command_line
from .sources import SMALL, request

HTTP = {"INVALID_ARGUMENT": 400, "NOT_FOUND": 404, "PERMISSION_DENIED": 403, "UNAUTHENTICATED": 401}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused(case: str, face: str, shared: Server, project: Path) -> None:
    """Each is refused before a run begins, in the same words on every face."""
    bad = BAD[case]
    folders = {"{allowed}": str(project / "allowed"), "{outside}": str(project)}
    asked = {**bad.request}
    if asked.get("source", {}).get("root") in folders:
        asked["source"] = {**asked["source"], "root": folders[asked["source"]["root"]]}
    refused = FACES[face](shared, asked, {})
    assert (refused.code, refused.reason) == (bad.code, bad.reason), refused.text
    assert refused.http in (0, HTTP[bad.code])
    if bad.field:
        assert refused.fields == (bad.field,)
    assert_civil(refused)
    assert all(text in refused.text for text in bad.says), refused.text


@pytest.mark.parametrize("ask", [by_sse, by_json])
@pytest.mark.parametrize("case", SHAPELESS)
def test_json_that_is_no_request_is_refused(case: str, ask: Callable[..., Refused], shared: Server) -> None:
    """The field is named by its path in the JSON; several are named at once."""
    asked, named = SHAPELESS[case]
    refused = ask(shared, asked, {})
    assert (refused.code, refused.http) == ("INVALID_ARGUMENT", 400)
    assert refused.fields == (named,)
    assert_civil(refused)


def test_all_unusable_fields_are_named_at_once(shared: Server) -> None:
    """Two mistakes are one answer."""
    refused = by_json(shared, request(target_count="many", seed=-1), {})
    assert set(refused.fields) == {"target_count", "seed"}


def test_fifty_megabytes_are_refused(shared: Server) -> None:
    """More than the largest request is 413 by HTTP and RESOURCE_EXHAUSTED or INVALID_ARGUMENT by gRPC, at once."""
    size = 50 << 20
    refused = by_json(shared, b'{"source":{"path":"a.py","content":"%s"}}' % (b"#" * size), {})
    assert refused.http == 413
    assert_civil(refused)
    with stub(shared) as service:
        code = service.GenerateTests(message(source(content="#" * size)), timeout=SECONDS).code()
    assert code in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT)


@pytest.mark.parametrize("case", ["syntax error", "unknown framework", "negative count"])
def test_grpcurl_shows_the_refusal(case: str, shared: Server) -> None:
    """grpcurl prints the details, which name the field."""
    refused = by_grpcurl(shared, BAD[case].request, {})
    assert (refused.reason, refused.fields) == (BAD[case].reason, (BAD[case].field,))
    assert_civil(refused)


@pytest.mark.parametrize("where", ["with a server", "without a server"])
def test_the_command_line_says_it_in_one_line(where: str, shared: Server, tmp_path: Path) -> None:
    """A refused command exits with 2 and says what and why on stderr, without a traceback."""
    (tmp_path / "broken.py").write_text("def broken(:\n    pass\n")
    server = ("--server", shared.grpc) if where == "with a server" else ()
    done = command_line(tmp_path, "tests", "broken.py", *server)
    assert (done.returncode, done.stdout) == (2, "")
    assert "line 1" in done.stderr
    assert "SOURCE_SYNTAX" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_the_command_line_says_when_nobody_answers(tmp_path: Path) -> None:
    """A server that is not there is one line too."""
    (tmp_path / "small.py").write_text(SMALL)
    done = command_line(tmp_path, "runs", "--server", "127.0.0.1:1", "list")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr


STRANGERS: Mapping[str, tuple[dict[str, str], str]] = {
    "nobody": ({}, "CREDENTIALS_MISSING"),
    "wrong key": ({"authorization": "Bearer not-a-key-of-ours"}, "CREDENTIALS_INVALID"),
    "wrong x-api-key": ({"x-api-key": "not-a-key-of-ours"}, "CREDENTIALS_INVALID"),
    "other scheme": ({"authorization": "Basic YW5uYTpwdw=="}, "CREDENTIALS_MALFORMED"),
    "expired token": ({"authorization": f"Bearer {token(seconds=-3600)}"}, "TOKEN_EXPIRED"),
    "forged token": ({"authorization": f"Bearer {token(secret='x' * 40)}"}, "CREDENTIALS_INVALID"),
    "empty": ({"authorization": "Bearer"}, "CREDENTIALS_MALFORMED"),
}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("case", STRANGERS)
def test_strangers_are_refused(case: str, face: str, guarded: Server) -> None:
    """UNAUTHENTICATED, or 401 with how to say who one is; no answer repeats the credential."""
    headers, reason = STRANGERS[case]
    refused = FACES[face](guarded, request(), headers)
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", reason)
    assert refused.http in (0, 401)
    assert_civil(refused)
    assert "not-a-key-of-ours" not in refused.text


def test_eventsource_is_told_in_band(guarded: Server) -> None:
    """With errors=inband a refusal is an `error` event, since EventSource shows its page no status."""
    answer = httpx.get(f"{guarded.http}/v1/runs/none/events?errors=inband&token=wrong", headers=SSE, timeout=SECONDS)
    assert answer.status_code == 200
    data = json.loads(answer.text.partition("data: ")[2].splitlines()[0])
    assert (data["type"], data["reason"], data["http_status"]) == ("error", "CREDENTIALS_INVALID", 401)
    assert data["remedy"]


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/v1/runs/01jd00000000000000000000aa", 404, "RUN_NOT_FOUND"),
        ("/v1/runs/01jd00000000000000000000aa/events", 404, "RUN_NOT_FOUND"),
        ("/v1/runs?page_size=-1", 400, "PAGE_SIZE_INVALID"),
        ("/v1/runs?page_token=zz", 400, "PAGE_TOKEN_INVALID"),
        ("/v1/runs?state=LOST", 400, "BAD_REQUEST"),
        ("/v1/runs/x/events?after=first", 400, "BAD_CURSOR"),
        ("/v1/runs?alt=xml", 400, "UNKNOWN_ALT"),
        ("/v1/tests", 404, "NO_SUCH_ROUTE"),
    ],
)
def test_other_calls_are_refused_alike(path: str, status: int, reason: str, shared: Server) -> None:
    """What no run, page, cursor, form or route is, is said in the same form."""
    answer = httpx.get(f"{shared.http}{path}", timeout=SECONDS)
    assert answer.status_code == status, answer.text
    info = answer.json()["error"]["details"][0]
    assert info["reason"] == reason
    assert info["metadata"]["remedy"]


def test_the_server_still_serves_and_logged_no_fault(shared: Server, guarded: Server) -> None:
    """After all of this both servers work, and none of it was a fault of theirs."""
    assert generate(shared, request())[-1].HasField("complete")
    answer = httpx.get(f"{guarded.http}/v1/runs", headers={"x-api-key": ANNA}, timeout=SECONDS)
    assert answer.status_code == 200
    for server in (shared, guarded):
        faults = [line for line in server.log.splitlines() if '"level": "error"' in line or "Traceback" in line]
        assert faults == []


SSE = {"accept": "text/event-stream"}
