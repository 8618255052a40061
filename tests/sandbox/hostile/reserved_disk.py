"""Takes disk without writing to it: space that is reserved past the end of a file, by each call that can."""

import contextlib
import ctypes
import fcntl
import os
import struct

SIZE = 256 << 20
KEEP_SIZE = 1
REQUESTS = {"RESVSP": 0x40305828, "RESVSP64": 0x4030582A, "ZERO_RANGE": 0x40305839}


def main(request, send):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    with open("reserved", "wb") as file:
        for mode in (KEEP_SIZE, 0):
            libc.fallocate(file.fileno(), mode, 0, SIZE)
            tell(send, file, f"mode {mode}")
        for name, number in REQUESTS.items():
            with contextlib.suppress(OSError):
                fcntl.ioctl(file, number, struct.pack("hxxxxxxqqII16x", 0, 0, SIZE, 0, 0))
            tell(send, file, name)
        os.ftruncate(file.fileno(), 0)
        with contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, SIZE)
            send({"breach": "past the bound of a file"})
        os.ftruncate(file.fileno(), 0)
        os.posix_fallocate(file.fileno(), 0, 1 << 20)
        if os.fstat(file.fileno()).st_size != 1 << 20:
            send({"breach": "an ordinary file cannot be had"})


def tell(send, file, how):
    taken = os.fstat(file.fileno()).st_blocks * 512
    os.ftruncate(file.fileno(), 0)
    if taken:
        send({"breach": f"{how}: {taken} bytes at once"})
