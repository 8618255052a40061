"""Sends small messages for ever."""


def main(request, send):
    while True:
        send({"flood": "x" * 1000})
