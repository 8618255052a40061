"""Writes where it must not: beside its folder, into interpreter, import roots and system, by link and by device."""

import contextlib
import json
import os
import stat
import sys


def main(request, send):
    folders = [*request["folders"], request["root"], "/usr", "/etc", "/", "/proc/sys/kernel", "/dev", "/sys"]
    folders += [sys.prefix, os.path.dirname(json.__file__), os.path.dirname(os.getcwd())]
    for folder in folders:
        with contextlib.suppress(OSError):
            with open(os.path.join(folder, "planted"), "w") as planted:
                planted.write("x")
            if not folder.startswith("/tmp"):  # a scratch of its own; the host looks whether anything arrived
                send({"breach": f"wrote {folder}"})
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o777)
            if not folder.startswith("/tmp"):
                send({"breach": f"chmod {folder}"})
    for path in request["secrets"]:
        for attempt in (os.unlink, lambda at: os.rename(at, "stolen"), lambda at: os.link(at, "linked")):
            with contextlib.suppress(OSError):
                attempt(path)
                send({"breach": f"took {path}"})
        with contextlib.suppress(OSError):
            os.symlink(path, "link")
        with contextlib.suppress(OSError):
            open("link", "a").close()
            if not path.startswith("/tmp"):
                send({"breach": f"followed to {path}"})
        with contextlib.suppress(OSError):
            os.unlink("link")
    for kind, number in ((stat.S_IFBLK, os.makedev(254, 0)), (stat.S_IFCHR, os.makedev(1, 1))):
        with contextlib.suppress(OSError):
            os.mknod("device", kind | 0o666, number)
            open("device", "rb").close()
            send({"breach": "made a device"})
