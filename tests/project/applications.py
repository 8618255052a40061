"""Renders applications into a folder, runs their commands, and serves them as real processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from headwater.synthesis.project import backend, database, interface, schema
from headwater.synthesis.project.files import Options, Plan
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import Spec

REQUIREMENTS = Path(__file__).parents[1] / "data" / "requirements"
SECRET = "vX2-not-a-secret-of-anybody-0123456789"
PASSWORD = "correct horse battery"
CHEAP = {"APP_SECRET_KEY": SECRET, "APP_PASSWORD_ROUNDS": "1", "APP_PASSWORD_MEMORY": "64", "APP_RATE_LIMIT": "0"}


def plan_of(spec: Spec) -> Plan:
    """Returns the plan for a spec."""
    return Plan(spec=spec, schema=schema.derive(spec), interface=interface.derive(spec), options=Options())


def planned(text: str) -> Plan:
    """Returns the plan for requirements: a text, or the name of one of the texts."""
    path = next(REQUIREMENTS.glob(f"{text}.*"), None) if re.fullmatch(r"\w+", text) else None
    return plan_of(parse(path.read_text(encoding="utf-8") if path else text))


def written(plan: Plan, folder: Path) -> Path:
    """Writes database and backend; returns the folder of the backend."""
    for file in (*database.render(plan), *backend.render(plan)):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return folder / "backend"


def command(
    folder: Path, *words: str, environment: Mapping[str, str], answer: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs a module of Python in a backend; warnings are errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", *words], cwd=folder, env=_environment(environment), input=answer,
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip


def succeeds(folder: Path, *words: str, environment: Mapping[str, str], answer: str = "") -> str:
    """Runs a module that must succeed; returns what it printed."""
    done = command(folder, *words, environment=environment, answer=answer)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def serving(folder: Path, environment: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Serves a backend as a process on a free port; yields a client of it."""
    words = [sys.executable, "-W", "error", "-m", "app", "serve", "--port", "0"]
    process = subprocess.Popen(words, cwd=folder, env=_environment(environment), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        told: list[str] = []
        for line in process.stderr:
            told.append(line)
            found = re.search(r"running on (http://\S+)", line)
            if found:
                break
        else:
            raise AssertionError("".join(told))
        with httpx.Client(base_url=found[1], trust_env=False, timeout=60) as client:
            yield client
    finally:
        process.terminate()
        process.communicate()


def joins(client: httpx.Client, email: str, **more: object) -> dict[str, str]:
    """Registers an account and signs it in; returns its headers."""
    body = {"email": email, "password": PASSWORD, "name": email.partition("@")[0], **more}
    registered = client.post("/api/auth/register", json=body)
    assert registered.status_code == 201, registered.text
    return signs_in(client, email)


def signs_in(client: httpx.Client, email: str) -> dict[str, str]:
    """Returns the headers of an account."""
    answer = client.post("/api/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def running(text: str, folder: Path) -> Iterator[httpx.Client]:
    """Migrates, makes an administrator where there are accounts, and serves."""
    plan = planned(text)
    root = written(plan, folder)
    environment = {**CHEAP, "APP_DATABASE_URL": f"sqlite:///{folder / 'app.db'}", "APP_FILES": str(folder / "files")}
    succeeds(root, "app", "migrate", environment=environment)
    if plan.spec.account:
        succeeds(root, "app", "create-admin", "root@example.com", environment=environment, answer=PASSWORD)
    with serving(root, environment) as client:
        yield client


def errors(answer: httpx.Response, status: int) -> set[str]:
    """Returns the fields that an error is about; it is a problem of a status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    return {each["field"] for each in told.get("errors", ())}


def made(answer: httpx.Response) -> Any:
    assert answer.status_code == 201, answer.text
    return answer.json()


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Returns what a process sees: nothing of an application but what is said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("APP_")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **more}
