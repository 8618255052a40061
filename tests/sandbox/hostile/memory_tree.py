"""Takes memory in many processes, each within its own bound, and tells when all hold theirs at once."""

import os
import time

EACH = 100 << 20


def main(request, send):
    ready, told = os.pipe()
    for _ in range(12):
        if os.fork() == 0:
            held = bytearray(os.urandom(1 << 20)) * (EACH >> 20)
            os.write(told, b"." if len(held) == EACH else b"")
            time.sleep(600)
            os._exit(0)
    os.close(told)
    count = 0
    while count < 12:
        piece = os.read(ready, 12)
        if not piece:
            break
        count += len(piece)
        time.sleep(0.3)  # the host looks at the tree now and then
    alive = [each for each in range(12) if os.waitpid(-1, os.WNOHANG) == (0, 0)]
    if count == 12 and len(alive) == 12:
        send({"breach": "1200 MB at once"})
