"""Who may call the guarded server: two by key, anyone by a token of its secret."""

from __future__ import annotations

import time

import jwt

ANNA, BERT = "anna-key-Zk81mQ", "bert-key-Pw52xT"
SECRET = "hs256-secret-of-the-end-to-end-tests-0123456789"
ENVIRONMENT = {"HEADWATER_API_KEYS": f"anna:{ANNA},bert:{BERT}", "HEADWATER_JWT_SECRET": SECRET}


def token(subject: str = "carol", *, seconds: float = 600, secret: str = SECRET) -> str:
    """Makes a token that is good for so many seconds."""
    return jwt.encode({"sub": subject, "exp": time.time() + seconds}, secret, algorithm="HS256")
