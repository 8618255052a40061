"""Fills the disk with files that are each within their bound."""


def main(request, send):
    for number in range(10**6):
        with open(f"big{number}", "wb") as big:
            big.write(b"x" * (4 << 20))
        if number > 200:
            send({"breach": "filled the disk"})
            return
