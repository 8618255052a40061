"""Generates tests of real modules without a model, has them scored, and prints the scores beside those of peers.

    python -m tests.eval.embedded --scorer FOLDER [--budget 60] [--work FOLDER] [--only MODULE,…] [--passes 10]

`make eval-tests EVAL=FOLDER`. The scorer's folder holds `evaluate.py`, which installs the modules, runs a command for
each and scores what it wrote, `score.py`, which scores one file, and `modules.json`: for each module what peers
reached, as `line_pct`, `branch_pct`, `combined_pct`, `mutation_pct`, `pass_pct` and `asserts_per_test`. Scores are kept
in the work folder under the label; those that are there are not made again. At last every file is run in ten passes,
all but the first in an order of its own: `flaky` counts the tests that fared differently in one of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

MEASURES: Mapping[str, str] = {
    "line_pct": "line",
    "branch_pct": "branch",
    "combined_pct": "combined",
    "mutation_pct": "mutation",
    "pass_pct": "passing",
    "asserts_per_test": "asserts",
}
"""What the scorer measures, with the heads of the columns."""
OURS = "headwater"
Score = Mapping[str, Any]


def main() -> int:
    """Runs it and prints the table; 1 where a module could not be scored."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scorer", type=Path, required=True, help="the folder of evaluate.py and modules.json")
    parser.add_argument("--budget", type=int, default=60, help="seconds for each module")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "headwater-eval")
    parser.add_argument("--only", default="", help="names of modules, with commas")
    parser.add_argument("--label", default="ours", help="under which the scores are kept")
    parser.add_argument("--passes", type=int, default=10, help="passes over each file that look for flaky tests")
    given = parser.parse_args()
    evaluate(given)
    modules: Sequence[Score] = json.loads((given.scorer / "modules.json").read_text())
    chosen = [each for each in modules if not given.only or each["module"] in given.only.split(",")]
    folder: Path = given.work / "scores" / f"{given.label}_{given.budget}"
    scores = {each["module"]: read(folder / f"{each['module']}.json") for each in chosen}
    for each in chosen:
        if scores[each["module"]].get("collected"):
            scores[each["module"]]["flaky"] = passes(given, each)["flaky"]
    for line in table(chosen, scores):
        print(line)
    return 0 if all(scores.values()) else 1


def evaluate(given: argparse.Namespace) -> None:
    """Has every module generated and scored; the scorer's own lines go to standard error as they come."""
    headwater = shlex.quote(str(Path(sysconfig.get_path("scripts")) / "headwater"))
    words = "{source} --root {root} --python {python} --budget {budget} --out {out} --provider embedded"
    command = [sys.executable, str(given.scorer / "evaluate.py"), "--command", f"{headwater} tests {words}"]
    command += ["--modules", str(given.scorer / "modules.json"), "--work", str(given.work)]
    command += ["--budget", str(given.budget), "--only", given.only, "--label", given.label]
    subprocess.run(command, check=True, stdout=sys.stderr)


def passes(given: argparse.Namespace, module: Score) -> Score:
    """Runs a generated file in shuffled passes; returns what the scorer counted."""
    tests: Path = given.work / "gen" / f"{given.label}_{given.budget}" / module["module"] / "test_generated.py"
    out = tests.with_name("passes.json")
    command = [sys.executable, str(given.scorer / "score.py"), "--tests", str(tests), "--out", str(out)]
    command += ["--target-module", module["module"], "--target-path", str(given.work / "targets" / module["project"])]
    command += ["--runs", str(given.passes), "--no-mutation", "--run-timeout", "600"]
    environment = {**os.environ, "SCORE_PYTHON": str(given.work / "venv" / "bin" / "python")}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return read(out)


def read(path: Path) -> dict[str, Any]:
    """Returns a score; empty where the module was not scored."""
    return json.loads(path.read_text()) if path.exists() else {}


def table(modules: Sequence[Score], scores: Mapping[str, Score]) -> Iterator[str]:
    """Writes a block of lines for each module, one line for each tool, then the means."""
    peers = list(dict.fromkeys(peer for each in modules for peer in each["peers"]))
    yield f"{'':52}{''.join(f'{head:>10}' for head in MEASURES.values())}{'flaky':>8}{'wall s':>8}"
    for each in modules:
        own = scores[each["module"]]
        yield f"{each['module'][-30:]:31}{line(OURS, own)}{own.get('flaky', '-'):>8}{wall(own):>8}"
        yield from (f"{'':31}{line(peer, each['peers'][peer])}" for peer in peers if peer in each["peers"])
    for peer in peers:
        # A peer that wrote no test for a module is left out there, not counted as zero.
        both = [each for each in modules if each["peers"].get(peer, {}).get("collected", peer in each["peers"])]
        own = mean([scores[each["module"]] for each in both])
        yield f"{f'means over {len(both)} modules':31}{line(OURS, own)}"
        yield f"{'':31}{line(peer, mean([each['peers'][peer] for each in both]))}"
    found = list(scores.values())
    flaky = sum(each.get("flaky", 0) for each in found)
    yield f"{f'means over {len(found)} modules':31}{line(OURS, mean(found))}{flaky:>8}"


def line(tool: str, score: Score) -> str:
    """Writes what one tool reached."""
    values = (score.get(name) for name in MEASURES)
    return f"{tool[:20]:21}{''.join('         -' if each is None else f'{each:10.1f}' for each in values)}"


def wall(score: Score) -> str:
    """Writes how long the generation took."""
    return str(score.get("gen", {}).get("wall", "-"))


def mean(scores: Sequence[Score]) -> Score:
    """Returns the mean of each measure over the modules for which it is known."""
    known = {name: [each[name] for each in scores if each.get(name) is not None] for name in MEASURES}
    return {name: statistics.mean(values) for name, values in known.items() if values}


if __name__ == "__main__":
    sys.exit(main())
