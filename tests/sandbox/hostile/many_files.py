"""Makes small files without end, in folders within folders."""

import os


def main(request, send):
    for folder in range(10**6):
        os.makedirs(f"f{folder}")
        for file in range(1000):
            with open(f"f{folder}/{file}", "w") as made:
                made.write("x")
