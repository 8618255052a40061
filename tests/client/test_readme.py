"""The clients' README shows code that runs."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from headwater.v1 import generate_tests_pb2

from .service import Service, journal

README = Path(__file__).parents[2] / "clients" / "README.md"
EXAMPLES: list[str] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("example", "prints"),
    [*zip(EXAMPLES, ["test_double", "def test_it", "84.99% covered, target missed"], strict=True)],
)
async def test_the_examples_run(service: Service, example: str, prints: str, tmp_path: Path) -> None:
    """Each Python example runs as printed, but for the address of the server, and prints what came."""
    service.events = journal(generate_tests_pb2.Test(test_case=generate_tests_pb2.TestCase(test_name="test_double")))
    (tmp_path / "coverage.xml").write_text("<coverage/>")
    (tmp_path / "cart.py").write_text("x = 1\n")
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", example.replace("localhost:50051", service.target)),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await program.communicate()
    assert (program.returncode, err) == (0, b"")
    assert prints in out.decode()
