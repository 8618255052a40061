"""Is the warm process of one interpreter: imports what guests need once, then forks a keeper for each guest.

It never runs a stranger's line itself. It ends when the host's end of its socket closes.
"""

# Paths are strings here, from the order to the system call.

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from . import keeper, landlock
from .program import load

_DESCRIPTORS = 16
"""More than the host ever passes along at once."""

_PARTS = ("bin", "lib", "lib64", "libexec", "share", "ssl", "pyvenv.cfg")
"""What an interpreter needs below its prefix, which may be somebody's home."""

_LINKS = 40
"""As many as the kernel follows."""

_LAZY = (  # noqa: SIM905 — a paragraph reads better than ninety lines; what pytest, coverage and ordinary code import on first use; each fork would pay for it again
    "argparse asyncio base64 bisect calendar collections.abc contextlib copy csv dataclasses datetime decimal difflib "
    "doctest email.message enum fractions functools glob hashlib heapq html inspect io itertools json logging "
    "logging.handlers math operator pathlib pdb pickle platform pprint queue random re secrets shlex shutil sqlite3 "
    "statistics string struct subprocess tempfile textwrap threading time timeit token tokenize traceback types typing "
    "unittest unittest.mock urllib.parse uuid warnings weakref xml.etree.ElementTree zipfile zlib zoneinfo "
    "_pytest.assertion.rewrite _pytest.assertion.truncate _pytest.assertion.util _pytest.cacheprovider _pytest.capture "
    "_pytest.debugging _pytest.doctest _pytest.faulthandler _pytest.fixtures _pytest.junitxml _pytest.legacypath "
    "_pytest.logging _pytest.mark.structures _pytest.monkeypatch _pytest.nose _pytest.pastebin _pytest.pathlib "
    "_pytest.pytester _pytest.python _pytest.python_api _pytest.recwarn _pytest.reports _pytest.runner "
    "_pytest.setuponly _pytest.setupplan _pytest.skipping _pytest.stepwise _pytest.terminal _pytest.threadexception "
    "_pytest.tmpdir _pytest.unittest _pytest.unraisableexception _pytest.warnings "
    "coverage.control coverage.jsonreport coverage.lcovreport coverage.collector coverage.python coverage.parser "
    "coverage.sqldata coverage.sysmon coverage.tracer coverage.xmlreport"
).split()


def serve(descriptor: int) -> None:
    """Warms up by the order that comes first, answers what this interpreter is, then forks until the host is gone."""
    host = socket.socket(fileno=descriptor)
    order = json.loads(_line(host))
    guests = _warm(order)
    host.sendall(json.dumps(_describe()).encode() + b"\n")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the keepers
    gc.collect()
    gc.freeze()
    while True:
        received, descriptors, _flags, _address = socket.recv_fds(host, 1, _DESCRIPTORS)
        if not received:
            return
        if os.fork() == 0:
            host.close()
            keeper.keep(descriptors, guests)
        for each in descriptors:
            os.close(each)


def _warm(order: dict[str, Any]) -> dict[str, ModuleType]:
    _need(order)
    guests = {path: load(path) for path in order["preload"]}
    for module in _LAZY:
        if importlib.util.find_spec(module.partition(".")[0]) is not None:
            _import(module)
    for guest in guests.values():
        if hasattr(guest, "warm_up"):
            guest.warm_up()
    return guests


def _need(order: dict[str, Any]) -> None:
    """Imports what the host cannot do without: the user's own, else the service's where the interpreters agree."""
    missing = [each for each in order["needs"] if importlib.util.find_spec(each) is None]
    if missing and order["behind"] and order["tag"] == sys.implementation.cache_tag:
        sys.path.extend(order["behind"])
    for each in order["needs"]:
        importlib.import_module(each)


def _import(module: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError:
        return  # another version of pytest, coverage or Python; it is then imported by whoever needs it


def _describe() -> dict[str, Any]:
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    paths = [os.path.join(prefix, part) for prefix in prefixes for part in _PARTS] + [each for each in sys.path if each]
    both = {os.path.abspath(each) for each in paths} | {os.path.realpath(each) for each in paths}
    return {
        "version": list(sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "paths": sorted(each for each in {*both, *_links(sys.executable)} if each != "/" and os.path.exists(each)),
        "landlock": landlock.version(),
    }


def _links(path: str) -> Iterator[str]:
    """Yields a path and, one after the other, what it links to: environments link to an interpreter elsewhere."""
    yield path
    for _ in range(_LINKS):
        if not os.path.islink(path):
            return
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
        yield path


def _line(host: socket.socket) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = host.recv(1)  # never past the line: descriptors may come right behind it
        if not byte:
            sys.exit(0)
        line += byte
    return bytes(line)
