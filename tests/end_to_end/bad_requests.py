"""Requests that cannot be served, and what is said of each."""

from __future__ import annotations

import base64
import io
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .refusals import Request
from .sources import SMALL, request


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A request that is refused: how, and which field is named; {allowed} and {outside} stand for folders."""

    request: dict[str, Any]
    reason: str
    code: str = "INVALID_ARGUMENT"
    field: str = ""
    says: tuple[str, ...] = ()


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
        request=source(root="{allowed}", path="insides.py"),
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
    "a model where there is none": Bad(
        request=request(model="gpt"), reason="MODEL_UNUSED", field="model", says=("embedded", "gpt")
    ),
    "a model in the name of one that has none": Bad(
        request=request(provider=["scripted:quick", "embedded:gpt"]), reason="MODEL_UNUSED", field="provider[1]"
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
    "fewer calls than none": Bad(
        request=request(limits={"executions": -1}), reason="OUT_OF_BOUNDS", field="limits.executions"
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


SHAPELESS: Mapping[str, tuple[Request, str]] = {
    "unknown field": ({**request(), "frameworks": "pytest"}, "frameworks"),
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
