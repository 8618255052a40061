"""Calls a listening server of the host by TCP and UDP, on both families."""

import contextlib
import socket


def main(request, send):
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError):
            with socket.socket(family, socket.SOCK_STREAM) as link:
                link.settimeout(0.5)
                link.connect((host, request["tcp"]))
                send({"breach": f"tcp {host}"})
        with contextlib.suppress(OSError):
            with socket.socket(family, socket.SOCK_DGRAM) as link:
                link.sendto(b"leak", (host, request["udp"]))
                send({"breach": f"udp {host}"})
    for kind in ("AF_NETLINK", "AF_VSOCK", "AF_PACKET", "AF_ALG"):
        with contextlib.suppress(OSError, AttributeError):
            socket.socket(getattr(socket, kind), socket.SOCK_RAW).close()
            send({"breach": kind})
