"""Says who calls: by an API key, by a JSON Web Token, or nobody in particular where nothing is configured.

A face hands in what it found (`Credentials`); `Auth.identify` answers with a `Caller` or a Problem UNAUTHENTICATED. It
finds out by itself which of the two a credential is. No message repeats a credential, and only its hash is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headwater.errors import Code, Problem, problem
from headwater.jwks import open_key_set
from headwater.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a face found with a call; never logged."""

    authorization: str = ""
    """The value of the `authorization` header or gRPC metadata (`Bearer …`), or that of `x-api-key` as `ApiKey …`."""
    token: str = ""
    """`?token=` of an EventSource, which can send no header; `authorization` goes before it."""
    peer: str = ""
    """The caller's address, for the log."""

    def __repr__(self) -> str:
        return f"Credentials(peer={self.peer!r})"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a name that owns runs, and how it was shown (`key`, `jwt` or `none`)."""

    name: str
    scheme: str

    @property
    def owner(self) -> str:
        """Under what its runs are kept: a key and a token of the same name are two callers."""
        return f"{self.scheme}:{self.name}"


ANONYMOUS = Caller("anonymous", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """An identity that was checked: good until then, in seconds since 1970."""

    caller: Caller
    until: float


class Auth:
    """Identifies callers. A credential seen before costs one hash and one lookup until its identity runs out."""

    def __init__(
        self,
        *,
        keys: ApiKeys,
        tokens: Tokens | None,
        cache_size: int,
        cache_seconds: float,
        credential_bytes: int,
        clock: Callable[[], float],
    ) -> None:
        self.required = bool(keys) or tokens is not None
        self._keys = keys
        self._tokens = tokens
        self._cache_size = cache_size
        self._cache_seconds = cache_seconds
        self._credential_bytes = credential_bytes
        self._clock = clock
        self._salt = secrets.token_bytes(16)
        self._known: dict[bytes, _Known] = {}

    async def identify(self, credentials: Credentials) -> Caller:
        """Says who calls.

        Raises Problem UNAUTHENTICATED (`CREDENTIALS_MISSING`, `CREDENTIALS_MALFORMED`, `CREDENTIALS_INVALID`, or one of
        the `TOKEN_…` reasons), or UNAVAILABLE (`AUTH_KEYS_UNREACHABLE`) when the issuer's keys cannot be had.
        """
        if not self.required:
            return ANONYMOUS
        presented = credentials.authorization or credentials.token
        digest = hashlib.blake2b(presented.encode(errors="surrogatepass"), key=self._salt, digest_size=16).digest()
        known = self._known.get(digest)
        if known is not None and self._clock() < known.until:
            return known.caller
        known = await self._check(_secret_of(credentials, self._credential_bytes))
        self._remember(digest, known)
        return known.caller

    async def _check(self, secret: str) -> _Known:
        until = self._clock() + self._cache_seconds
        caller = self._keys.find(secret)
        if caller is not None:
            return _Known(caller=caller, until=until)
        if self._tokens is None or secret.count(".") != _DOTS_OF_A_TOKEN:
            raise _refused("CREDENTIALS_INVALID", "The credential is not known here.", "Check the API key.")
        name, expires = await self._tokens.verify(secret)
        return _Known(caller=Caller(name, "jwt"), until=min(until, expires))

    def _remember(self, digest: bytes, known: _Known) -> None:
        """Keeps an identity; the oldest goes when there are too many (a dict keeps the order of insertion)."""
        self._known.pop(digest, None)
        while len(self._known) >= self._cache_size:
            del self._known[next(iter(self._known))]
        self._known[digest] = known


def make_auth(
    *,
    api_keys: Sequence[str] = (),
    jwt_secret: str = "",
    jwt_jwks: str = "",
    jwt_issuer: str = "",
    jwt_audience: str = "",
    jwt_leeway_seconds: float = 30,
    jwks_timeout_seconds: float = 5,
    jwks_ttl_seconds: float = 600,
    jwks_refetch_seconds: float = 30,
    jwks_bytes: int = 1 << 20,
    cache_size: int = 4096,
    cache_seconds: float = 60,
    credential_bytes: int = 16384,
    clock: Callable[[], float] = time.time,
) -> Auth:
    """Builds the door from its settings; with no key, secret or key set, everyone is `anonymous`.

    An API key is configured as `name:key`, or as `key` alone, whose name is then the start of its hash. `jwt_jwks` is a
    file, read again when it changes, or an http(s) URL, fetched at most every `jwks_refetch_seconds`. An identity is
    trusted for `cache_seconds` before it is checked again. Raises Problem FAILED_PRECONDITION for unusable settings.
    """
    if (jwt_issuer or jwt_audience) and not (jwt_secret or jwt_jwks):
        raise _unusable(
            "An issuer or an audience is set for tokens, but no key to check them with.",
            "Set HEADWATER_JWT_SECRET or HEADWATER_JWT_JWKS as well.",
        )
    if jwt_secret and len(jwt_secret.encode()) < _SECRET_BYTES:
        raise _unusable(
            f"The secret for HS256 is shorter than {_SECRET_BYTES} bytes, which can be guessed.",
            "Set HEADWATER_JWT_SECRET to the output of `openssl rand -hex 32`.",
        )
    key_set = open_key_set(
        jwt_jwks,
        timeout_seconds=jwks_timeout_seconds,
        ttl_seconds=jwks_ttl_seconds,
        refetch_seconds=jwks_refetch_seconds,
        max_bytes=jwks_bytes,
    )
    tokens = None
    if jwt_secret or key_set:
        tokens = Tokens(
            secret=jwt_secret, keys=key_set, issuer=jwt_issuer, audience=jwt_audience, leeway_seconds=jwt_leeway_seconds
        )
    return Auth(
        keys=ApiKeys(api_keys),
        tokens=tokens,
        cache_size=cache_size,
        cache_seconds=cache_seconds,
        credential_bytes=credential_bytes,
        clock=clock,
    )


def check_bind(host: str, *, auth_required: bool) -> None:
    """Refuses to listen where others can reach it while nobody has to say who they are.

    Raises Problem FAILED_PRECONDITION (`BIND_NEEDS_AUTH`).
    """
    if auth_required or _is_loopback(host):
        return
    raise problem(
        Code.FAILED_PRECONDITION,
        "BIND_NEEDS_AUTH",
        f"Will not listen on {host!r}, which others can reach, while callers need no credentials.",
        "Set HEADWATER_API_KEYS, HEADWATER_JWT_SECRET or HEADWATER_JWT_JWKS, or HEADWATER_HOST to 127.0.0.1.",
        host=host,
    )


class ApiKeys:
    """The configured API keys, as hashes."""

    def __init__(self, configured: Sequence[str]) -> None:
        self._callers: list[tuple[bytes, Caller]] = []
        for entry in configured:
            name, colon, key = entry.strip().partition(":")
            if not colon:
                name, key = "", name
            if not key or (colon and not name):
                raise _unusable(
                    "An entry of the API keys is empty, or lacks its name or its key.",
                    "Write HEADWATER_API_KEYS as name:key, or as the key alone.",
                )
            digest = hashlib.sha256(key.encode())
            self._callers.append((digest.digest(), Caller(name or digest.hexdigest()[:8], "key")))

    def __len__(self) -> int:
        return len(self._callers)

    def find(self, secret: str) -> Caller | None:
        """Finds whose key it is. Every key is compared, in constant time, so that time tells nothing of any."""
        digest = hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
        found = None
        for each, caller in self._callers:
            if hmac.compare_digest(each, digest):
                found = caller
        return found


def _secret_of(credentials: Credentials, max_bytes: int) -> str:
    """Takes the secret out of what was presented."""
    scheme, _, secret = credentials.authorization.strip().partition(" ")
    if not scheme:
        secret = credentials.token
        if not secret:
            raise _refused("CREDENTIALS_MISSING", "The call carries no credentials.", _HOW)
    elif scheme.lower() not in _SCHEMES:
        raise _refused("CREDENTIALS_MALFORMED", "The authorization is neither a Bearer nor an ApiKey one.", _HOW)
    secret = secret.strip()
    if not secret or len(secret) > max_bytes:
        raise _refused("CREDENTIALS_MALFORMED", f"The credential is empty or longer than {max_bytes} bytes.", _HOW)
    return secret


def _refused(reason: str, message: str, remedy: str) -> Problem:
    return problem(Code.UNAUTHENTICATED, reason, message, remedy)


def _unusable(message: str, remedy: str) -> Problem:
    return problem(Code.FAILED_PRECONDITION, "AUTH_SETTINGS_UNUSABLE", message, remedy)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.startswith("unix:"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name: who can reach it is not known here
        return False


_SCHEMES = frozenset({"bearer", "apikey"})
_SECRET_BYTES = 32  # RFC 7518, 3.2: a key at least as long as the hash
_DOTS_OF_A_TOKEN = 2  # RFC 7515, 7.1
_HOW = "Send `authorization: Bearer <API key or token>`, or `x-api-key: <API key>`."
