"""Forks and threads until the kernel says no; a thousand would be a breach."""

import os
import threading
import time


def main(request, send):
    count = 0
    try:
        for _ in range(1000):
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
            count += 1
    except OSError:
        pass
    if count > request["processes"]:
        send({"breach": f"{count} processes"})
    threads = 0
    try:
        for _ in range(1000):
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
            threads += 1
    except RuntimeError:
        pass
    if count + threads > request["processes"]:
        send({"breach": f"{threads} threads more"})
    send({"processes": count, "threads": threads})
