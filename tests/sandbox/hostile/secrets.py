"""Reads what is not its own: files that the whole host may read, other rooms, environments, memory."""

import contextlib
import os


def main(request, send):
    for path in [*request["secrets"], "/etc/shadow", "/root/.bash_history", "/proc/kcore", "/proc/1/mem"]:
        with contextlib.suppress(OSError):
            with open(path, "rb") as secret:
                secret.read(1)
                send({"breach": f"read {path}"})
    own = os.path.basename(os.path.dirname(os.getcwd()))
    for folder in request["folders"]:
        with contextlib.suppress(OSError):
            if set(os.listdir(folder)) - {
                "sandbox",
                "root",
                own,
                os.path.basename(os.path.dirname(os.path.dirname(os.getcwd()))),
            }:
                send({"breach": f"listed {folder}"})
    marker = request["marker"].encode()
    processes = []
    with contextlib.suppress(OSError):
        processes = [each for each in os.listdir("/proc") if each.isdigit()]
    for process in {*processes, str(request["host"]), str(os.getppid()), "self"}:
        for name in ("environ", "maps", "cmdline"):
            with contextlib.suppress(OSError):
                with open(f"/proc/{process}/{name}", "rb") as secret:
                    if marker in secret.read():
                        send({"breach": f"{name} of {process}"})
        if process not in ("self", str(os.getpid())):
            with contextlib.suppress(OSError):
                open(f"/proc/{process}/mem", "r+b").close()
                send({"breach": f"memory of {process}"})
    if marker.decode() in os.environ.values():
        send({"breach": "own environment"})
