"""Tells what comes of the sandbox and not of the code: what it refused, and what reached for the world beyond it."""

from __future__ import annotations

import ast
import errno
import os
import socket
import sys
import tempfile
from typing import Any, FrozenSet, List, Mapping, Optional, Tuple

CHAIN = 5
"""How far back the causes of an exception are followed."""
FILES = 64
"""Numbers below this are looked at for files that the process holds open."""

REFUSED: Mapping[int, str] = {
    errno.EPERM: "the sandbox does not permit it",
    errno.EACCES: "it has no right to a file there",
    errno.EROFS: "it has no right to a file there",
    errno.EAGAIN: "the sandbox has no more to give it",
    errno.ENOMEM: "the sandbox has no more memory to give it",
    errno.ENOSPC: "the sandbox has no more space to give it",
    errno.EFBIG: "the sandbox has no more space to give it",
    errno.EMFILE: "the sandbox has no more files to give it",
    errno.ENFILE: "the sandbox has no more files to give it",
    errno.ENOSYS: "the sandbox does not permit it",
}
"""What the system answers where the sandbox, not the code, is the cause."""
SILENCE = "reading from stdin while output is captured"
"""How standard input answers in a test."""
NETWORK = frozenset({
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.gethostbyaddr", "socket.getnameinfo", "urllib.Request", "http.client.connect",
})  # fmt: skip
PROGRAMS = frozenset({
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
    "os.startfile", "webbrowser.open", "os.kill",
})  # fmt: skip
LISTING = frozenset({"os.listdir", "os.scandir"})
BLOCKING = frozenset({
    "sleep", "input", "wait", "recv", "recvfrom", "accept", "acquire", "select", "poll", "serve_forever", "run_forever",
    "readline", "getpass", "communicate", "urlopen", "create_connection", "prompt", "confirm", "mainloop",
})  # fmt: skip
"""Names of calls that may wait for somebody else."""


def refusal(error: Any) -> str:
    """Says which limit of the sandbox an exception, or what led to it, stands for; empty for one of the code's own."""
    for _ in range(CHAIN):
        found = _refusal(error)
        if found or error is None:
            return found
        error = getattr(error, "__cause__", None) or getattr(error, "__context__", None)
    return ""


def _refusal(error: Any) -> str:
    if isinstance(error, OSError) and str(error).startswith(SILENCE):
        return "it reads from standard input"
    if isinstance(error, OSError):
        return REFUSED.get(error.errno or 0, "")
    if isinstance(error, MemoryError) and not error.args:
        return "the sandbox has no more memory to give it"
    if isinstance(error, RecursionError) and str(error).startswith("maximum recursion depth"):
        return "it recurses deeper than the sandbox allows"
    return ""


def may_block(node: Optional[ast.AST]) -> bool:
    """Whether a function calls something that may wait for somebody else."""
    called = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)] if node is not None else []
    names = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in called}
    return bool(names & BLOCKING)


class Doors:
    """Watches the ways out of the process while a call is played: the network and other programs."""

    def __init__(self, home: str) -> None:
        """Begins to watch; the interpreter never lets go of a watcher, so there is one per process."""
        self._home = home
        places = [sys.prefix, sys.base_prefix, sys.exec_prefix, tempfile.gettempdir(), *filter(None, sys.path)]
        self._known = (*map(os.path.abspath, places), "/usr", "/dev/null", "/dev/urandom")
        self.missing: List[str] = []
        """Files in the call's own folders that it opened though they were not there."""
        self._held = _descriptors()
        self._watching = False
        self._used = ""
        self.stands = ""
        """The working directory; empty once the call left it."""
        self.environment_changed = False
        sys.addaudithook(self._hear)

    def watch(self) -> None:
        """Begins anew."""
        self._watching = True
        self._used = ""
        self.missing = []
        self.environment_changed = False

    def close(self) -> str:
        """Stops watching; says which door was used, empty for none."""
        self._watching = False
        return self._used

    def _hear(self, event: str, arguments: Tuple[Any, ...]) -> None:
        if not self._watching:
            return
        if event == "os.chdir":
            self.stands = ""
        elif event in {"os.putenv", "os.unsetenv"}:
            self.environment_changed = True
        elif not self._used:
            self._judge(event, arguments)

    def _judge(self, event: str, arguments: Tuple[Any, ...]) -> None:
        if event in NETWORK or (event == "socket.__new__" and arguments[1] in {socket.AF_INET, socket.AF_INET6}):
            self._used = "it reaches for the network"
        elif event in PROGRAMS:
            self._used = "it starts another program"
        elif event == "open" and isinstance(arguments[0], int) and arguments[0] in self._held:
            self._used = "it opens a file by number"
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))  # or closing it would cut the way to the host
        elif event in LISTING and isinstance(arguments[0], (str, bytes)) and self._is_strange(arguments[0]):
            self._used = "it lists a folder outside its temporary folder"
        elif event == "open" and isinstance(arguments[0], (str, bytes)):
            self._open(os.path.abspath(os.fsdecode(arguments[0])), arguments[2])

    def _is_strange(self, folder: Any) -> bool:
        """Whether a folder is neither the call's own nor one of the interpreter's."""
        path = os.path.abspath(os.fsdecode(folder))
        if path.startswith(self._home):
            return os.sep not in os.path.relpath(path, self._home)
        return not path.startswith(self._known)

    def _open(self, path: str, flags: Any) -> None:
        """Notes a file that is not there, and one that only this machine has."""
        if path.startswith(self._home):
            if not os.path.exists(path):
                self.missing.append(path)
        elif not path.startswith(self._known):
            self._used = "it opens files outside its temporary folder"
        elif _writes(flags) and not path.startswith((os.devnull, tempfile.gettempdir())):
            self._used = "it writes outside its temporary folder"


def _writes(flags: Any) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _descriptors() -> FrozenSet[int]:
    """Returns the files that the process itself holds open."""
    found = [number for number in range(FILES) if _is_open(number)]
    return frozenset(found)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
