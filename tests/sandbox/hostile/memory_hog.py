"""Takes memory in one process until it is refused."""


def main(request, send):
    held = []
    while True:
        held.append(bytearray(16 << 20))
        if len(held) > 200:
            send({"breach": "three gigabytes"})
            return
