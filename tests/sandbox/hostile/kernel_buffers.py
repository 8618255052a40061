"""Has the kernel hold memory that no process's size shows: full sockets of many processes, some of them hidden."""

import ctypes
import os
import socket
import time

PR_SET_DUMPABLE = 4


def main(request, send):
    piece = bytes(1 << 16)
    for number in range(request["processes"] - 3):
        if os.fork() == 0:
            if number % 2:
                ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
            break
    held, total = [], 0
    while True:
        try:
            pair = socket.socketpair()
        except OSError:
            break
        held.append(pair)
        for end in pair:
            end.setblocking(False)
            try:
                while True:
                    total += end.send(piece)
            except BlockingIOError:
                continue
    send({"held": total})
    time.sleep(600)
