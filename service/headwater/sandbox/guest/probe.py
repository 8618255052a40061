"""Tries what a stranger would try, and says what was refused: a guest program, run at start to choose a level."""

# Paths are strings here, from the order to the system call.

from __future__ import annotations

import mmap
import os
import resource
import signal
import socket
import time
from typing import Any, Callable


def main(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Sends `{"probe": name, "held": bool, "detail": str}` for each attempt named in the request."""
    for name, arguments in request["probes"].items():
        try:
            attempt = _ATTEMPTS[name](*arguments)
        except (OSError, MemoryError) as error:
            send({"probe": name, "held": True, "detail": str(error) or type(error).__name__})
        else:
            send({"probe": name, "held": attempt is None, "detail": attempt or ""})


def _connect(host: str, port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as link:
        link.settimeout(0.5)
        link.connect((host, port))
    return f"connected to port {port}"


def _reach(path: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.connect(path)
    return f"connected to {path}"


def _read(path: str) -> str:
    with open(path, "rb") as secret:
        return f"read {len(secret.read())} bytes of {path}"


def _environ(process: int, marker: str) -> str | None:
    """Reads the host's environment; inside a pid namespace its number is nobody's or somebody else's."""
    with open(f"/proc/{process}/environ", "rb") as secret:
        return f"read the environment of {process}" if marker.encode() in secret.read() else None


def _write(path: str) -> str:
    with open(path, "w", encoding="utf-8") as planted:
        planted.write("planted")
    return f"wrote {path}"


def _change(path: str) -> str:
    os.chmod(path, 0o600)
    return f"changed the mode of {path}"


def _bound(process: int) -> str | None:
    """Sets a bound of the host to what it is; who may do that may set others."""
    if process == os.getpid():
        return None
    now = resource.prlimit(process, resource.RLIMIT_CORE)
    resource.prlimit(process, resource.RLIMIT_CORE, now)
    return f"may bound {process}"


def _signal(process: int) -> str | None:
    if process in {os.getpid(), os.getppid()}:
        return None
    os.kill(process, 0)
    return f"may signal {process}"


def _fork(most: int) -> str | None:
    """Forks until it is refused, or finds that it is not."""
    children: list[int] = []
    try:
        for _ in range(most):
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
    except OSError:
        return None
    finally:
        for each in children:
            os.kill(each, signal.SIGKILL)
            os.waitpid(each, 0)
    return f"started {most} processes"


def _allocate(size: int) -> str:
    with mmap.mmap(-1, size):
        return f"reserved {size} bytes"


def _privilege() -> str | None:
    with open("/proc/self/status", encoding="ascii") as status:
        facts = dict(line.split(":", 1) for line in status)
    if int(facts["CapEff"], 16) or int(facts["CapPrm"], 16):
        return "holds privileges"
    return None if facts["NoNewPrivs"].strip() == "1" and facts["Seccomp"].strip() == "2" else "is not filtered"


_ATTEMPTS: dict[str, Callable[..., Any]] = {
    "network": _connect,
    "unix_socket": _reach,
    "read_secret": _read,
    "read_environment": _environ,
    "write_outside": _write,
    "change_outside": _change,
    "bound_host": _bound,
    "signal_host": _signal,
    "fork_bomb": _fork,
    "memory": _allocate,
    "privilege": _privilege,
}
