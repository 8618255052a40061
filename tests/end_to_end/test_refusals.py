"""Bad input is refused on every face with code, reason, field and remedy; the service goes on as if nothing was."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from .faces import message, stub
from .identities import ANNA, token
from .refusals import FACES, Refused, Request, by_grpcurl, by_json, by_sse, of_event
from .server import SECONDS, Server, command_line
from .sources import SMALL, request
from .streams import Event, check_order, kinds

HTTP = {"INVALID_ARGUMENT": 400, "NOT_FOUND": 404, "PERMISSION_DENIED": 403, "UNAUTHENTICATED": 401}


def source(**fields: Any) -> dict[str, Any]:
    return {"source": fields, "limits": {"budget": "3s"}}


def archive(**members: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, text in members.items():
            writer.writestr(name, text)
    return base64.b64encode(packed.getvalue()).decode()


def tar_with_link() -> str:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as writer:
        link = tarfile.TarInfo("cart.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        writer.addfile(link)
    return base64.b64encode(packed.getvalue()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A request that is refused: how, and which field is named; {allowed} and {outside} stand for folders."""

    request: dict[str, Any]
    reason: str
    code: str = "INVALID_ARGUMENT"
    field: str = ""
    says: tuple[str, ...] = ()


BAD: Mapping[str, Bad] = {
    "no source": Bad(request={}, reason="SOURCE_EMPTY", field="source"),
    "empty source": Bad(request=source(path="a.py", content=""), reason="SOURCE_EMPTY", field="source.content"),
    "blank source": Bad(request=source(path="a.py", content=" \n\n"), reason="SOURCE_EMPTY", field="source.content"),
    "syntax error": Bad(
        request=source(path="a.py", content="x = 1\ny = 2\ndef broken(:\n    pass\n"),
        reason="SOURCE_SYNTAX",
        field="source.content",
        says=("line 3",),
    ),
    "too large": Bad(
        request=source(path="a.py", content="x = 1  # padding\n" * 200_000),
        reason="SOURCE_TOO_LARGE",
        field="source.content",
        says=("3400000 bytes", "limit"),
    ),
    "binary": Bad(
        request=source(files=[{"path": "a.py", "content": base64.b64encode(b"\x7fELF\0\1\2\xff").decode()}]),
        reason="SOURCE_NOT_TEXT",
        field="source.path",
    ),
    "not UTF-8": Bad(
        request=source(files=[{"path": "a.py", "content": base64.b64encode(b"y = 1\n\n\nx = '\xff\xfe'\n").decode()}]),
        reason="SOURCE_NOT_TEXT",
        field="source.path",
        says=("line 4",),
    ),
    "outside the roots": Bad(
        request=source(root="{outside}", path="outside.py"), reason="SOURCE_OUTSIDE_ROOTS", code="PERMISSION_DENIED"
    ),
    "up and out": Bad(
        request=source(root="{allowed}", path="../outside.py"), reason="SOURCE_PATH_INVALID", field="source.path"
    ),
    "absolute path": Bad(
        request=source(root="{allowed}", path="/etc/passwd"), reason="SOURCE_PATH_INVALID", field="source.path"
    ),
    "link out of the root": Bad(
        request=source(root="{allowed}", path="link.py"), reason="SOURCE_OUTSIDE_ROOTS", code="PERMISSION_DENIED"
    ),
    "no such file": Bad(
        request=source(root="{allowed}", path="insid.py"),
        reason="SOURCE_NOT_FOUND",
        code="NOT_FOUND",
        says=("inside.py",),
    ),
    "interpreter outside the roots": Bad(
        request=source(path="a.py", content=SMALL, python="/bin/sh"),
        reason="SOURCE_OUTSIDE_ROOTS",
        code="PERMISSION_DENIED",
    ),
    "zip bomb": Bad(
        request=source(path="a.py", archive=archive(**{"a.py": "#" * (60 << 20)})),
        reason="ARCHIVE_TOO_LARGE",
        field="source.archive",
    ),
    "archive with ..": Bad(
        request=source(path="a.py", archive=archive(**{"../../a.py": SMALL})),
        reason="ARCHIVE_UNSAFE",
        field="source.archive",
    ),
    "archive with a link": Bad(
        request=source(path="cart.py", archive=tar_with_link()), reason="ARCHIVE_UNSAFE", field="source.archive"
    ),
    "no archive": Bad(
        request=source(path="a.py", archive=base64.b64encode(b"nothing of that kind").decode()),
        reason="ARCHIVE_CORRUPT",
        field="source.archive",
    ),
    "told twice": Bad(
        request=source(path="inside.py", content=SMALL, root="{allowed}"),
        reason="SOURCE_AMBIGUOUS",
        field="source.root",
    ),
    "unknown provider": Bad(
        request=request(provider=["oracle"]), reason="PROVIDER_UNKNOWN", field="provider", says=("oracle", "embedded")
    ),
    "unknown framework": Bad(
        request=request(framework="nose"), reason="FRAMEWORK_UNKNOWN", field="framework", says=("nose", "pytest")
    ),
    "unknown language": Bad(request=request(language="cobol"), reason="LANGUAGE_UNKNOWN", field="language"),
    "unknown test type": Bad(request=request(test_type="smoke"), reason="TEST_TYPE_UNKNOWN", field="test_type"),
    "unknown symbol": Bad(
        request=request(target={"symbols": ["sign", "Sign.of"]}),
        reason="TARGET_UNKNOWN",
        field="target.symbols[1]",
        says=("Sign.of", "sign"),
    ),
    "lines beyond the end": Bad(
        request=request(target={"line_start": 999}), reason="TARGET_BEYOND_END", field="target.line_start"
    ),
    "lines backwards": Bad(
        request=request(target={"line_start": 5, "line_end": 2}), reason="RANGE_INVALID", field="target.line_end"
    ),
    "negative count": Bad(request=request(target_count=-1), reason="OUT_OF_BOUNDS", field="target_count", says=("-1",)),
    "coverage of 201 percent": Bad(
        request=request(coverage_target=201), reason="OUT_OF_BOUNDS", field="coverage_target", says=("201",)
    ),
    "coverage that is no number": Bad(
        request=request(coverage_target="NaN"), reason="OUT_OF_BOUNDS", field="coverage_target"
    ),
    "infinite coverage": Bad(
        request=request(coverage_target="Infinity"), reason="OUT_OF_BOUNDS", field="coverage_target"
    ),
    "no time": Bad(request=request(limits={"budget": "0s"}), reason="OUT_OF_BOUNDS", field="limits.budget"),
    "negative time": Bad(
        request=request(limits={"test_timeout": "-3s"}), reason="OUT_OF_BOUNDS", field="limits.test_timeout"
    ),
    "a day of search": Bad(request=request(limits={"budget": "86400s"}), reason="OUT_OF_BOUNDS", field="limits.budget"),
    "a thousand attempts": Bad(
        request=request(limits={"max_attempts": 1000}), reason="OUT_OF_BOUNDS", field="limits.max_attempts"
    ),
    "long idempotency key": Bad(
        request=request(run_options={"idempotency_key": "k" * 129}),
        reason="OUT_OF_BOUNDS",
        field="run_options.idempotency_key",
    ),
    "unprintable path": Bad(
        request=source(path="a\0b.py", content=SMALL), reason="SOURCE_PATH_INVALID", field="source.path"
    ),
}


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


def assert_civil(refused: Refused) -> None:
    """A refusal says what to do, and nothing about our insides."""
    assert refused.remedy, refused.text
    assert "Traceback" not in refused.text
    assert refused.code not in ("INTERNAL", "UNKNOWN")


SHAPELESS: Mapping[str, tuple[Request, str]] = {
    "unknown field": ({**request(), "framwork": "pytest"}, "framwork"),
    "unknown field inside": (source(path="a.py", contents=SMALL), "source.contents"),
    "text for a number": (request(target_count="many"), "target_count"),
    "fraction for a whole number": (request(target_count=1.5), "target_count"),
    "number beyond 32 bits": (request(target_count=2**40), "target_count"),
    "negative seed": (request(seed=-1), "seed"),
    "list for an object": ({"source": [SMALL]}, "source"),
    "number for a text": (source(path="a.py", content=7), "source.content"),
    "no duration": (request(limits={"budget": "soon"}), "limits.budget"),
    "no enum value": (request(run_options={"on_disconnect": "VANISH"}), "run_options.on_disconnect"),
    "no base64": (source(path="a.py", archive="§§§"), "source.archive"),
    "broken JSON": (b'{"source": {"path": "a.py", "content": ', "body"),
    "no object": (b"[1, 2]", "body"),
    "no UTF-8": (b'{"source": {"path": "\xff\xfe"}}', "body"),
    "nested without end": (b'{"source":' * 5000 + b"1" + b"}" * 5000, "body"),
}


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
    huge = source(path="a.py", content="x = 1  # padding\n" * (50 << 16))
    refused = by_json(shared, huge, {})
    assert refused.http == 413
    assert_civil(refused)
    with stub(shared) as service:
        with pytest.raises(Exception, match="RESOURCE_EXHAUSTED|INVALID_ARGUMENT"):
            list(service.GenerateTests(message(huge), timeout=SECONDS))


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


DOOMED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "missing dependency": (
        "import numpyy_of_nowhere\n\n\ndef one():\n    return 1\n",
        "MODULE_NOT_IMPORTABLE",
        ("numpyy_of_nowhere", "--python"),
    ),
    "exception at import": (
        "def one():\n    return 1\n\n\nraise RuntimeError('no licence found')\n",
        "MODULE_NOT_IMPORTABLE",
        ("RuntimeError", "no licence found", "5"),
    ),
    "sys.exit at import": (
        "import sys\n\n\ndef one():\n    return 1\n\n\nsys.exit(3)\n",
        "MODULE_NOT_IMPORTABLE",
        ("SystemExit",),
    ),
    "endless loop at import": (
        "def one():\n    return 1\n\n\nwhile True:\n    pass\n",
        "IMPORT_TIMEOUT",
        ("__name__",),
    ),
    "hard exit at import": ("import os\n\n\ndef one():\n    return 1\n\n\nos._exit(0)\n", "IMPORT_CRASHED", ()),
    "kill everyone at import": (
        "import os\nimport signal\n\n\ndef one():\n    return 1\n\n\nos.kill(-1, signal.SIGKILL)\n",
        "",
        (),
    ),
    "fork bomb at import": (
        "import os\n\n\ndef one():\n    return 1\n\n\nwhile True:\n    os.fork()\n",
        "",
        (),
    ),
    "memory hog at import": (
        "def one():\n    return 1\n\n\nhog = bytearray(64 << 30)\n",
        "MODULE_NOT_IMPORTABLE",
        ("MemoryError",),
    ),
    "nothing to test": ("x = 1\n", "NO_TESTS", ()),
}


@pytest.mark.parametrize("case", DOOMED)
def test_a_module_that_cannot_be_imported_ends_the_run_with_an_error(case: str, shared: Server) -> None:
    """The `error` event says which module and how to supply what it lacks; the next run is served as always."""
    content, reason, says = DOOMED[case]
    events = generate(shared, request(content, "doomed.py"))
    check_order(events)
    assert events[-1].HasField("error"), kinds(events)
    error = of_event(events[-1].error)
    assert reason in ("", error.reason), error.text
    assert_civil(error)
    assert "doomed" in error.text
    told = f"{events[-1].error.message} {error.remedy}"
    assert all(text in told for text in says), told
    assert generate(shared, request())[-1].HasField("complete")


def test_an_unknown_model_ends_the_run_with_an_error(shared: Server) -> None:
    """What only the provider can know is no refusal but an `error` event; it names the models that are there."""
    error = of_event(generate(shared, request(provider=["scripted"], model="nonesuch"))[-1].error)
    assert (error.code, error.reason) == ("NOT_FOUND", "SCRIPT_UNKNOWN")
    assert_civil(error)
    assert "steady" in error.remedy


def test_a_failed_run_is_the_same_failure_as_json(shared: Server) -> None:
    """Whoever waits for the final object gets the error's status and body, as a refused call would."""
    refused = by_json(shared, request(DOOMED["missing dependency"][0], "doomed.py"), {})
    assert (refused.http, refused.reason) == (400, "MODULE_NOT_IMPORTABLE")
    assert_civil(refused)


def test_the_server_still_serves_and_logged_no_fault(shared: Server, guarded: Server) -> None:
    """After all of this both servers work, and none of it was a fault of theirs."""
    assert generate(shared, request())[-1].HasField("complete")
    answer = httpx.get(f"{guarded.http}/v1/runs", headers={"x-api-key": ANNA}, timeout=SECONDS)
    assert answer.status_code == 200
    for server in (shared, guarded):
        faults = [line for line in server.log.splitlines() if '"level": "error"' in line or "Traceback" in line]
        assert faults == []


def generate(server: Server, asked: Mapping[str, Any]) -> list[Event]:
    with stub(server) as service:
        return list(service.GenerateTests(message(asked), timeout=SECONDS))


SSE = {"accept": "text/event-stream"}
