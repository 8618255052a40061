"""Writes one file without end."""


def main(request, send):
    with open("big", "wb") as big:
        while big.tell() < 1 << 30:
            big.write(b"x" * (1 << 20))
    send({"breach": "a gigabyte in a file"})
