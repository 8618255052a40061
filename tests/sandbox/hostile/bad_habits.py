"""Turns the process upside down: folder, path, modules, streams, handlers, hooks, threads that never end."""

import builtins
import contextlib
import gc
import json
import os
import signal
import sys
import threading
import time


def main(request, send):
    os.chdir("/")
    sys.path.clear()
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    sys.setrecursionlimit(10**6)
    threading.Thread(target=time.sleep, args=(600,)).start()
    sys.stdout.close()
    sys.stderr = None
    json.dumps = None
    builtins.print = None
    os.environ.clear()
    sys.modules.clear()
    sys.settrace(lambda *_: None)
    gc.disable()
