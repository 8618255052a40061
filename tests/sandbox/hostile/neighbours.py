"""Turns the knobs of processes that are not its own: bounds, priority, processors, shared memory, watched folders."""

import contextlib
import ctypes
import os
import resource


def main(request, send):
    libc = ctypes.CDLL(None)
    for process in {request["host"], os.getppid(), *request["zygotes"]}:
        if process == 1 or process == os.getpid():
            continue
        for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
            with contextlib.suppress(OSError):
                resource.prlimit(process, which, (0, 0))
                send({"breach": f"bounded {process}"})
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process, 19)
            send({"breach": f"slowed {process}"})
        with contextlib.suppress(OSError):
            os.sched_setaffinity(process, {0})
            send({"breach": f"bound {process} to a processor"})
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_USER, 0, 19)
    libc.shmat.restype = ctypes.c_void_p
    for segment in range(64):
        if libc.shmat(segment, 0, 0) not in (None, ctypes.c_void_p(-1).value):
            send({"breach": f"shared memory {segment}"})
