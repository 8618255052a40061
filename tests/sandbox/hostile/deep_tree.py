"""Leaves a tree too deep for a path, closed to everybody, with links and odd names in it."""

import os


def main(request, send):
    top = os.getcwd()
    for _ in range(1500):
        os.mkdir("d" * 50)
        os.chdir("d" * 50)
    for name in (b"\xff\xfe", b"new\nline"):
        os.close(os.open(name, os.O_CREAT))
    os.symlink("/", "up")
    os.mkfifo("pipe")
    os.chdir(top)
    os.mkdir("closed", 0)
