"""A process tree is looked at from outside, and what it holds is neither missed nor made up."""

from __future__ import annotations

import subprocess
import sys

LOOKS = """
import os
from headwater.sandbox.guest import watch

watch.memory([], 1)  # loads what reading takes, as long as that may be read
if os.geteuid() == 0:
    os.setuid(65534)
child = os.fork()
if child == 0:
    os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(watch.memory([child], 1 << 28))
"""


def test_a_process_that_has_ended_holds_nothing() -> None:
    """Until it is buried its folders are closed to all but root, as are those of one that hides what it holds."""
    done = subprocess.run([sys.executable, "-c", LOOKS], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")
