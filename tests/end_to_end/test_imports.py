"""A module that cannot be imported ends its run with an `error` that says why, and harms nobody."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from .faces import generate
from .refusals import assert_civil, by_json, of_event
from .server import Server
from .sources import request
from .streams import check_order, kinds

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


VIOLENT = ("hard exit at import", "kill everyone at import", "fork bomb at import", "memory hog at import")
"""What could have harmed the service itself."""


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
    if case in VIOLENT:
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
