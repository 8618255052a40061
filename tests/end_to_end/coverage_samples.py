"""Coverage reports, their source, and requests for the tests of AnalyzeCoverage."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

SHOP = {
    "shop/cart.py": '''\
"""A cart."""


def total(prices, discount=0):
    if discount < 0:
        raise ValueError(discount)
    result = sum(prices)
    if discount:
        result -= result * discount // 100
    return result


def cheapest(prices):
    if not prices:
        return None
    return min(prices)
''',
    "shop/pay.py": '''\
"""Payments."""

import subprocess


def main():
    return charge(7)


def charge(amount):
    if amount <= 0:
        raise ValueError(amount)
    return subprocess.run(["true", str(amount)], check=True)
''',
    "shop/unseen.py": '''\
"""Nothing imports it."""


def lonely(number):
    return number + 1
''',
}
"""A small package."""

LINES = {
    "shop/cart.py": {1: 1, 4: 1, 5: 1, 6: 0, 7: 1, 8: 1, 9: 0, 10: 1, 13: 1, 14: 0, 15: 0, 16: 0},
    "shop/pay.py": {1: 1, 3: 1, 6: 1, 7: 0, 10: 1, 11: 0, 12: 0, 13: 0},
}
"""What ran of it: 11 of 20 lines."""


def cobertura(files: dict[str, dict[int, int]] | None = None, root: str = "/src") -> bytes:
    """Writes a report in Cobertura XML."""
    classes = "".join(
        f'<class name="{path}" filename="{path}"><methods/><lines>'
        + "".join(f'<line number="{line}" hits="{hits}"/>' for line, hits in lines.items())
        + "</lines></class>"
        for path, lines in (LINES if files is None else files).items()
    )
    return (
        f'<?xml version="1.0" ?><coverage line-rate="0.5" branch-rate="0"><sources><source>{root}</source></sources>'
        f'<packages><package name="shop"><classes>{classes}</classes></package></packages></coverage>'
    ).encode()


def lcov(files: dict[str, dict[int, int]] | None = None) -> bytes:
    """Writes a report as an LCOV trace file."""
    return "".join(
        f"TN:\nSF:{path}\n" + "".join(f"DA:{line},{hits}\n" for line, hits in lines.items()) + "end_of_record\n"
        for path, lines in (LINES if files is None else files).items()
    ).encode()


def many(count: int) -> bytes:
    """Writes an LCOV trace file of so many files, each with a gap."""
    return lcov({f"src/module_{number:05}.c": {1: 1, 2: 0, 3: 0} for number in range(count)})


def report(content: bytes, name: str = "coverage.xml", **more: Any) -> dict[str, Any]:
    """Makes a report as JSON."""
    return {"name": name, "content": base64.b64encode(content).decode(), **more}


def asking(*contents: bytes, **more: Any) -> dict[str, Any]:
    """Makes a request as JSON for reports with these bytes."""
    return {"reports": [report(each, f"report-{number}") for number, each in enumerate(contents)], **more}


def inline(files: dict[str, str] | None = None) -> dict[str, Any]:
    """Makes a source as JSON, whose files are sent along."""
    packed = {path: base64.b64encode(text.encode()).decode() for path, text in (files or SHOP).items()}
    return {"files": [{"path": path, "content": content} for path, content in packed.items()]}


def write_shop(folder: Path) -> Path:
    """Writes the package to a folder, with its reports beside it."""
    for path, text in SHOP.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "coverage.xml").write_bytes(cobertura())
    (folder / "lcov.info").write_bytes(lcov())
    return folder


def packed_zeros(size: int) -> bytes:
    """Packs an LCOV trace file that unpacks to more than this."""
    return gzip.compress(b"TN:\nSF:a.c\n" + b"DA:1,1\n" * (size // 7) + b"end_of_record\n")


def doubly_packed(size: int) -> bytes:
    """Packs so many zeros by bzip2."""
    return bz2.compress(bytes(size))


ENTITIES = b"""<?xml version="1.0"?>
<!DOCTYPE coverage [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>
<coverage line-rate="1"><packages><package name="&c;"><classes/></package></packages></coverage>
"""
EXTERNAL = b"""<?xml version="1.0"?>
<!DOCTYPE coverage [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<coverage line-rate="1"><sources><source>&x;</source></sources><packages/></coverage>
"""


def hostile_database(folder: Path, script: str) -> bytes:
    """Makes a SQLite file that calls itself a `.coverage` and is not what one is."""
    path = folder / "hostile.coverage"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(script)
    database.commit()
    database.close()
    return path.read_bytes()


HOSTILE = {
    "another schema": "CREATE TABLE coverage_schema (version INTEGER); INSERT INTO coverage_schema VALUES (99);",
    "another program's": "CREATE TABLE moz_places (id INTEGER, url TEXT);",
    "views that never end": """
        CREATE TABLE coverage_schema (version INTEGER); INSERT INTO coverage_schema VALUES (7);
        CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES ('has_arcs', '0');
        CREATE VIEW file AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
            SELECT id, 'a' path FROM n;
        CREATE VIEW line_bits AS SELECT id AS file_id, 1 AS context_id, x'ff' AS numbits FROM file;
        CREATE TABLE context (id INTEGER, context TEXT); CREATE TABLE arc (file_id, context_id, fromno, tono);
    """,
    "values of other kinds": """
        CREATE TABLE coverage_schema (version INTEGER); INSERT INTO coverage_schema VALUES (7);
        CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES ('has_arcs', '0');
        CREATE TABLE file (id INTEGER PRIMARY KEY, path TEXT); INSERT INTO file VALUES (1, x'00ff'), (2, 'b.py');
        CREATE TABLE context (id INTEGER, context TEXT); INSERT INTO context VALUES (1, '');
        CREATE TABLE line_bits (file_id, context_id, numbits);
        INSERT INTO line_bits VALUES (1, 1, 'text'), (2, 1, -3.5);
        CREATE TABLE arc (file_id, context_id, fromno, tono);
    """,
}
"""By what is wrong with it."""


def slipcover(path: str) -> bytes:
    """Writes a report of SlipCover's whose only file has this name."""
    entry = {"executed_lines": [1], "missing_lines": [2]}
    return json.dumps({"meta": {"software": "slipcover", "version": "1.0"}, "files": {path: entry}}).encode()
