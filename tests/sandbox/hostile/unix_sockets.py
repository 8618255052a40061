"""Reaches for unix sockets of the host: by path, abstract, and from a socket pair that needs no socket()."""

import contextlib
import socket


def main(request, send):
    for address in (request["stream_path"], "\0" + request["abstract"]):
        with contextlib.suppress(OSError):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
                link.connect(address)
                send({"breach": f"stream {address!r}"})
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        with contextlib.suppress(OSError):
            one, other = socket.socketpair(socket.AF_UNIX, kind)
            for address in (request["datagram_path"], "\0" + request["abstract"] + "d"):
                with contextlib.suppress(OSError):
                    one.sendto(b"leak", address)  # may well reach its own pair; the host looks whether it arrived
                with contextlib.suppress(OSError):
                    one.sendmsg([b"leak"], [], 0, address)
                with contextlib.suppress(OSError):
                    one.connect(address)
                    send({"breach": f"connect {kind!r} {address!r}"})
            one.close()
            other.close()
