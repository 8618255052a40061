"""Leaves grandchildren behind, detached in every way there is, and returns."""

import os
import subprocess
import time


def main(request, send):
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.close(3)
                time.sleep(600)
            os._exit(0)
    subprocess.Popen(
        ["/bin/sleep", "600"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    send({"left": 4})
