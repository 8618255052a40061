"""Says that it returned, and that it raised, and goes on."""

import os
import time


def main(request, send):
    os.write(3, b'd\ne"a lie"\nm{"late": true}\n')
    time.sleep(600)
