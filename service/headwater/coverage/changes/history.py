"""Asks git what a range of commits changes, and which files change often.

A checkout is a stranger's: its configuration may name programs to run. Git is therefore called without the host's
configuration, with every hook, filter and external program switched off, with a deadline, and with a bound of output.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from headwater.errors import Code, Problem, invalid, problem

NAME = re.compile(r"[A-Za-z0-9_@][\w./@{}^~-]{0,200}", re.ASCII)
"""One commit's name: no option can be smuggled in, and neither can a second argument."""
SECONDS = 60.0
BYTES = 256 << 20
_SAFE = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.quotePath", "false"),
    ("diff.external", ""),
    ("log.showSignature", "false"),
    ("gpg.program", "/bin/false"),
    ("protocol.allow", "never"),
    ("submodule.recurse", "false"),
    ("safe.directory", "*"),
)
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # Stands above what a checkout allows itself, which `protocol.allow` does not.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
}
_DIFF = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=all", "--unified=0", "--relative"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--find-renames"),
)


def diff_of(root: Path, git_range: str) -> str:
    """Returns the unified diff of a range: `main...HEAD`, `v1..v2`, or one commit against the working tree.

    Raises Problem: INVALID_ARGUMENT `GIT_RANGE_INVALID`, NOT_FOUND `GIT_RANGE_UNKNOWN`, and FAILED_PRECONDITION
    `GIT_MISSING` or `NOT_A_CHECKOUT`.
    """
    parts = re.split(r"\.{2,3}", git_range)
    if len(parts) > 2 or not all(not part or NAME.fullmatch(part) for part in parts) or not any(parts):  # noqa: PLR2004 — two ends
        raise invalid(
            "GIT_RANGE_INVALID",
            "git_range",
            f"{git_range[:100]!r} is no range of commits.",
            "Use a form such as main...HEAD.",
        )
    for part in filter(None, parts):
        _commit(root, part)
    return _git(root, "diff", *_DIFF, git_range, "--", settings=() if len(parts) > 1 else _no_filters(root))


def commits_by_file(root: Path, limit: int) -> dict[str, int]:
    """Counts in how many of the newest `limit` commits each file changed; empty where there is no history.

    Raises Problem FAILED_PRECONDITION `GIT_MISSING` or `NOT_A_CHECKOUT`.
    """
    options = ("--no-merges", "--name-only", "--relative", "--no-renames", "--no-show-signature", "--format=", "-z")
    try:
        listed = _git(root, "log", f"--max-count={limit}", *options)
    except Problem as failure:
        if failure.reason != "GIT_FAILED" or "does not have any commits yet" not in failure.message:
            raise
        return {}
    return dict(Counter(name for name in listed.split("\0") if name))


def _commit(root: Path, name: str) -> None:
    try:
        _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except Problem as failure:
        if failure.reason != "GIT_FAILED":
            raise
        raise problem(
            Code.NOT_FOUND,
            "GIT_RANGE_UNKNOWN",
            f"The checkout has no commit {name!r}.",
            "Fetch it (a shallow clone lacks older ones), or name another.",
            field="git_range",
        ) from None


def _no_filters(root: Path) -> tuple[tuple[str, str], ...]:
    """Switches off the filters that a checkout defines: a diff with the working tree would run them."""
    listed = _git(root, "config", "--name-only", "--null", "--list")
    drivers = {key.rpartition(".")[0] for key in listed.split("\0") if key.startswith("filter.")}
    off = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    return tuple((f"{driver}.{key}", value) for driver in sorted(drivers) for key, value in off)


def _git(root: Path, *arguments: str, settings: Iterable[tuple[str, str]] = ()) -> str:
    """Runs git and returns what it prints.

    Settings go through the environment: on the command line, an `=` in a driver's name would end the name.
    """
    program = shutil.which("git", path=_ENVIRONMENT["PATH"])
    if program is None:
        raise problem(
            Code.FAILED_PRECONDITION,
            "GIT_MISSING",
            "The server has no git.",
            "Install git there, or send the change as a diff.",
        )
    pairs = (*_SAFE, *settings)
    environment = _ENVIRONMENT | {"GIT_CONFIG_COUNT": str(len(pairs))}
    for number, (name, value) in enumerate(pairs):
        environment |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    try:
        code, printed, said = _run([program, "--no-pager", *arguments], root, environment)
    except (FileNotFoundError, NotADirectoryError):
        raise _no_checkout() from None
    if code is None:
        raise problem(
            Code.DEADLINE_EXCEEDED,
            "GIT_SLOW",
            f"git took longer than {SECONDS:g} s.",
            "Send the change as a diff.",
        )
    if len(printed) > BYTES:
        raise problem(
            Code.RESOURCE_EXHAUSTED,
            "GIT_OUTPUT_TOO_LARGE",
            f"git printed more than {BYTES} bytes.",
            "Name a smaller range of commits, or send the change as a diff.",
        )
    if code:
        raise _failure(said)
    return printed.decode("utf-8", "replace")


def _run(command: list[str], root: Path, environment: dict[str, str]) -> tuple[int | None, bytes, str]:
    """Returns the exit code, None after the deadline; at most one byte more than `BYTES`; and what git complains of."""
    late = threading.Event()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 — no shell, and every argument is ours or matches NAME
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        ) as running,
    ):
        timer = threading.Timer(SECONDS, lambda: (late.set(), running.kill()))
        timer.start()
        try:
            printed = running.stdout.read(BYTES + 1) if running.stdout is not None else b""
            if len(printed) > BYTES:
                running.kill()
            code = running.wait()
        finally:
            timer.cancel()
        said.seek(0)
        return None if late.is_set() else code, printed, said.read(1 << 16).decode("utf-8", "replace")


def _failure(said: str) -> Problem:
    if "not a git repository" in said:
        return _no_checkout()
    words = said.strip().partition("\n")[0][:200].rstrip(".") or "it does not say why"
    return problem(Code.FAILED_PRECONDITION, "GIT_FAILED", f"git failed: {words}.", "Send the change as a diff.")


def _no_checkout() -> Problem:
    return problem(
        Code.FAILED_PRECONDITION,
        "NOT_A_CHECKOUT",
        "The source is no git checkout.",
        "Name the folder of a checkout in source.root, or send the change as a diff.",
        field="source.root",
    )
