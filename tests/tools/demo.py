"""Shows the product working: a real server, a real run streamed through gRPC, the test file, the server gone."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = Path("tests", "data", "demo", "cart.py")
OUT = Path("build", "demo", "test_cart.py")
SECONDS_TO_START = 60
SECONDS_TO_STOP = 20


def main() -> int:
    (ROOT / OUT).parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="headwater-demo-") as folder, server(Path(folder)) as target:
        command = ["tests", str(MODULE), "--server", target, "--out", str(OUT)]
        print(f"\n$ headwater {' '.join(command)}\n", flush=True)
        status = subprocess.run([sys.executable, "-m", "headwater", *command], cwd=ROOT, check=False).returncode
    if status == 0:
        command = f"PYTHONPATH={MODULE.parent} .venv/bin/pytest -c /dev/null {OUT}"
        print(f"\nThe server has stopped. Run the tests yourself: {command}")
    return status


@contextlib.contextmanager
def server(folder: Path) -> Generator[str]:
    """Runs a server on free loopback ports with a journal of its own; yields its gRPC address."""
    command = [sys.executable, "-m", "headwater", "serve", "--grpc-port", "0", "--http-port", "0"]
    command += ["--store", f"sqlite://{folder}/demo.db", "--log-level", "error"]
    print("$ headwater serve --grpc-port 0 --http-port 0", flush=True)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"gRPC on (\S+)", line)
        if found is None:
            raise SystemExit(f"the server did not start: {line.strip() or process.wait(SECONDS_TO_START)}")
        print(line.strip(), flush=True)
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS_TO_STOP)


if __name__ == "__main__":
    sys.exit(main())
