"""Runs the Python text of its request, with `request` and `send` in reach: what a test wants done inside."""


def main(request, send):
    exec(request["code"], {"request": request, "send": send, "__name__": "script"})
