"""Asks who it is and where its home is, as ordinary programs do, and reads who else there is."""

import getpass
import os
import pwd


def main(request, send):
    if getpass.getuser() != "sandbox":
        send({"breach": "has another name"})
    home = os.path.expanduser("~")
    with open(os.path.join(home, ".settings"), "w") as settings:
        settings.write("mine")
    try:
        with open("/etc/passwd") as accounts:
            names = {line.partition(":")[0] for line in accounts}
    except OSError:
        return  # there is no view, and the host's users are nobody's business
    if names - {"sandbox", "root", "nobody"}:
        send({"breach": f"knows {names}"})
    known = pwd.getpwuid(os.getuid())
    if (known.pw_name, known.pw_dir) != ("sandbox", home) or os.path.expanduser("~sandbox") != home:
        send({"breach": f"is known as {known}"})
