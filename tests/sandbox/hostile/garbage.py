"""Writes noise into every descriptor: no line, no JSON, no object, too deep, not finite, half a character."""

import contextlib
import os


def main(request, send):
    noise = [
        b"\x00\xff\xfe garbage \n",
        b"m\n",
        b"m[1,2]\n",
        b'm{"a": NaN}\n',
        b'm{"a":' + b"[" * 100000 + b"\n",
        b"m" + b"9" * 10000 + b"\n",
        b'e{"no": "text"}\n',
        b"\n\n\n",
        b'm{"half": "\\ud800"}\n',
    ]
    for descriptor in range(3, 64):
        for line in noise:
            with contextlib.suppress(OSError):
                os.write(descriptor, line)
    send({"after": "noise"})
