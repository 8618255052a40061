"""Sends probes to an application and compares the answers with those that are allowed; then tries tokens and secrets.

Beside it lies `probes.json`: `statements` that fill the database, the `probes`, and whether there are accounts.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient

DATABASE = "proof-probes.db"
UNKNOWN = 401
GUESSED = ("", "secret", "changeme", "0" * 32, "change-me-" * 4)
"""Secrets that are none; the empty one is as if none were set."""


def main() -> None:
    """Runs every probe; whatever is not as it should be is printed, and the exit code is 1."""
    asked = json.loads(Path(__file__).with_name("probes.json").read_text())
    Path(DATABASE).unlink(missing_ok=True)
    os.environ["APP_DATABASE_URL"] = f"sqlite:///./{DATABASE}"
    os.environ["APP_RATE_LIMIT"] = "0"
    command.upgrade(Config("alembic.ini"), "head")
    with sqlite3.connect(DATABASE) as connection:
        for statement in asked["statements"]:
            connection.execute(statement)
    before = digest()
    with TestClient(application(), raise_server_exceptions=False) as client:
        faults = [fault for each in asked["probes"] for fault in sent(client, each)]
        if asked["accounts"]:
            faults += forged(client)
    if digest() != before:
        faults.append("A probe that was refused changed the database.")
    faults += guessed() if asked["accounts"] else []
    count = len(asked["probes"])
    sys.stdout.write("\n".join(faults) or f"{count} probes, none got through." + "\n")
    if faults:
        sys.stdout.write(f"{len(faults)} of {count} probes were not answered as the permission matrix says." + "\n")
    sys.exit(bool(faults))


def sent(client: TestClient, probe: dict[str, Any]) -> Iterator[str]:
    """Sends a probe; yields what is wrong with the answer."""
    headers = {"Authorization": f"Bearer {token(probe['account'])}"} if probe["account"] else {}
    answer = client.request(probe["method"], probe["path"], json=probe["body"], params=probe["query"], headers=headers)
    who = f"account {probe['account']}" if probe["account"] else "nobody"
    asked = f"{probe['method']} {probe['path']} {probe['body'] or probe['query'] or ''} as {who}"
    if answer.status_code not in probe["allowed"]:
        yield f"{asked}: {answer.status_code}, not {' or '.join(map(str, probe['allowed']))} ({probe['why']})"
    elif probe["absent"]:
        shown = {each["id"] for each in answer.json()["items"]} & set(probe["absent"])
        if shown:
            yield f"{asked}: shows rows of others: {sorted(shown)} ({probe['why']})"


def application() -> Any:
    """Returns the application; it reads the environment, which has to be set first."""
    return importlib.import_module("app.main").create_app()


def forged(client: TestClient) -> Iterator[str]:
    """Tries tokens that nobody may get in with."""
    nothing = ".".join(
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode()
        for each in ({"alg": "none", "typ": "JWT"}, {"sub": "1", "exp": int(time.time()) + 600})
    )
    for name, forgery in (
        ("signed by another secret", token(1, secret="x" * 48)),
        ("expired", token(1, seconds=-600)),
        ("not signed", f"{nothing}."),
        ("without an end", jwt.encode({"sub": "1"}, os.environ["APP_SECRET_KEY"], "HS256")),
        ("of nobody", token(999_999)),
        ("no token at all", "x"),
    ):
        status = client.get("/api/auth/me", headers={"Authorization": f"Bearer {forgery}"}).status_code
        if status != UNKNOWN:
            yield f"GET /api/auth/me with a token {name}: {status}, not 401"


def guessed() -> Iterator[str]:
    """Tries to start the application with secrets that anybody could guess, or without one."""
    kept = os.environ["APP_SECRET_KEY"]
    for secret in GUESSED:
        os.environ["APP_SECRET_KEY"] = secret
        try:
            application()
        except (ValueError, SystemExit):
            continue
        yield f"The application starts with the secret {secret!r}."
    os.environ["APP_SECRET_KEY"] = kept


def token(account: int, secret: str = "", seconds: float = 600) -> str:
    """Returns a token of an account."""
    now = time.time()
    claims = {"sub": str(account), "iat": int(min(now, now + seconds)) - 1, "exp": int(now + seconds)}
    return jwt.encode(claims, secret or os.environ["APP_SECRET_KEY"], algorithm="HS256")


def digest() -> list[str]:
    """Returns all that the database holds, but what keeps a record of who came in."""
    with sqlite3.connect(DATABASE) as connection:
        return [line for line in connection.iterdump() if line.startswith("INSERT")]


if __name__ == "__main__":
    main()
