"""Holds an issuer's public keys: a JSON Web Key Set (RFC 7517), from a file or from a URL."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol, cast

import jwt

from headwater.errors import Code, Problem, problem


class KeySet(Protocol):
    """Public keys that tokens are verified with."""

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """Finds a key by its id; without an id, the only key. Raises Problem UNAVAILABLE (`AUTH_KEYS_UNREACHABLE`)."""
        ...


def open_key_set(
    where: str, *, timeout_seconds: float, ttl_seconds: float, refetch_seconds: float, max_bytes: int
) -> KeySet | None:
    """Opens the key set at a path or an http(s) URL; None when there is none.

    A file is read at once, so that a wrong one stops the start: Problem FAILED_PRECONDITION (`AUTH_KEYS_UNUSABLE`). A
    URL is fetched when the first token comes: the issuer may start later than we do.
    """
    if not where:
        return None
    if where.startswith(("https://", "http://")):
        return UrlKeys(
            where,
            timeout_seconds=timeout_seconds,
            ttl_seconds=ttl_seconds,
            refetch_seconds=refetch_seconds,
            max_bytes=max_bytes,
        )
    try:
        return FileKeys(Path(where))
    except (OSError, ValueError, jwt.PyJWKSetError) as error:
        raise problem(
            Code.FAILED_PRECONDITION,
            "AUTH_KEYS_UNUSABLE",
            f"The key set {where!r} cannot be used: {error}.",
            "Set HEADWATER_JWT_JWKS to a readable JSON file with `keys`, or to an http(s) URL.",
            where=where,
        ) from None


class FileKeys:
    """The keys of a file, read again when it changes; a broken successor is reported, not hidden by the old keys."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp, self._keys = self._read()

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """Finds a key by its id."""
        try:
            if _stamp(self._path) != self._stamp:
                self._stamp, self._keys = await asyncio.to_thread(self._read)
        except (OSError, ValueError, jwt.PyJWKSetError) as error:
            raise _unreachable(str(self._path), error, retry_after_seconds=1) from None
        return _pick(self._keys, kid)

    def _read(self) -> tuple[tuple[int, ...], tuple[jwt.PyJWK, ...]]:
        stamp = _stamp(self._path)  # before the text, so that a change in between is seen next time
        return stamp, parse(self._path.read_bytes())


class UrlKeys:
    """The keys of a URL, kept for a while, and fetched early when a token names one that is not among them.

    An issuer that does not answer is asked again at most every `refetch_seconds`, whoever sends whatever tokens; until
    then the keys known last stand in.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float,
        ttl_seconds: float,
        refetch_seconds: float,
        max_bytes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._timeout = timeout_seconds
        self._ttl = ttl_seconds
        self._refetch = refetch_seconds
        self._max_bytes = max_bytes
        self._clock = clock
        self._keys: tuple[jwt.PyJWK, ...] = ()
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._failure: Problem | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """Finds a key by its id, fetching the set if need be."""
        if not self._fresh(kid):
            await asyncio.shield(self._fetched_lately())  # one fetch serves all who wait, and outlives any of them
        key = _pick(self._keys, kid)
        if key is None and self._failure is not None:
            raise self._failure  # it may well be a new key: not the caller's fault
        return key

    def _fresh(self, kid: str) -> bool:
        return self._clock() - self._fetched < self._ttl and _pick(self._keys, kid) is not None

    def _fetched_lately(self) -> asyncio.Task[None]:
        """Returns the last fetch if it is under way or recent, else a new one."""
        if self._fetching is None or (self._fetching.done() and self._clock() - self._tried >= self._refetch):
            self._tried = self._clock()
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            self._keys = parse(await asyncio.to_thread(self._download))
        except (OSError, HTTPException, ValueError, jwt.PyJWKSetError) as error:
            self._failure = _unreachable(self._url, error, retry_after_seconds=self._refetch)
        else:
            self._failure = None
            self._fetched = self._tried

    def _download(self) -> bytes:
        request = urllib.request.Request(self._url, headers={"Accept": "application/json"})  # noqa: S310 — http(s) only
        with urllib.request.urlopen(request, timeout=self._timeout) as answer:  # noqa: S310 — likewise
            body: bytes = answer.read(self._max_bytes + 1)
        if len(body) > self._max_bytes:
            raise ValueError(f"longer than {self._max_bytes} bytes")
        return body


def parse(text: bytes) -> tuple[jwt.PyJWK, ...]:
    """Reads a key set: the public keys that are meant for signatures.

    Symmetric keys are left out: in a set that anyone may read, they would let anyone sign. Raises ValueError or
    jwt.PyJWKSetError.
    """
    document: Any = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 — the form of the text is wrong, not a type
    found = tuple(
        key
        for key in jwt.PyJWKSet.from_dict(cast("dict[str, Any]", document)).keys
        if key.public_key_use in {None, "sig"} and key.algorithm_name in _ASYMMETRIC
    )
    if not found:
        raise ValueError("no public key for signatures in it")
    return found


def _pick(keys: tuple[jwt.PyJWK, ...], kid: str) -> jwt.PyJWK | None:
    fitting = [key for key in keys if key.key_id == kid] if kid else keys
    return fitting[0] if len(fitting) == 1 else None


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _unreachable(where: str, error: Exception, *, retry_after_seconds: float) -> Problem:
    return Problem(
        Code.UNAVAILABLE,
        "AUTH_KEYS_UNREACHABLE",
        f"The keys that tokens are checked with cannot be had from {where}: {error}.",
        "Try again soon; whoever runs the service should check HEADWATER_JWT_JWKS and the issuer.",
        retry_after_seconds=retry_after_seconds,
        metadata={"where": where},
    )


_ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
