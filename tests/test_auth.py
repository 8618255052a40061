"""Who calls is found out by a key or a token, and every refusal says why without repeating what was sent."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from headwater.auth import ANONYMOUS, Auth, Caller, Credentials, check_bind, make_auth
from headwater.errors import Code, Problem

SECRET = "a-secret-of-at-least-thirty-two-bytes!"
KEY = "hw-4f1c0d9e8b7a"
MEANT = {"iss": "https://issuer.test", "aud": "headwater"}


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def next_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """An HTTP server that publishes keys; counts how often it is asked, and fails on demand."""

    def __init__(self) -> None:
        self.body = b"{}"
        self.status = 200
        self.asked = 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                self.send_response(issuer.status)
                self.send_header("Content-Length", str(len(issuer.body)))
                self.end_headers()
                self.wfile.write(issuer.body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the parent's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    thread = threading.Thread(target=issuer.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield issuer
    issuer.server.shutdown()
    issuer.server.server_close()
    thread.join()


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def jwks(**keys: rsa.RSAPrivateKey) -> bytes:
    return json.dumps(
        {"keys": [{**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid} for kid, key in keys.items()]}
    ).encode()


def token(key: Any = SECRET, algorithm: str = "HS256", kid: str = "", **claims: Any) -> str:
    payload = {"sub": "alice", "exp": int(time.time()) + 86_400, **claims}
    kept = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(kept, key, algorithm, headers={"kid": kid} if kid else None)


def octets_of(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def bearer(secret: str) -> Credentials:
    return Credentials(authorization=f"Bearer {secret}")


async def refusal(auth: Auth, credentials: Credentials) -> Problem:
    with pytest.raises(Problem) as caught:
        await auth.identify(credentials)
    return caught.value


async def test_everyone_is_anonymous_where_nothing_is_configured() -> None:
    """Without key or secret no credentials are asked for, and any that come are not looked at."""
    auth = make_auth()
    assert not auth.required
    assert await auth.identify(Credentials()) == ANONYMOUS == Caller("anonymous", "none")
    assert await auth.identify(bearer("whatever")) == ANONYMOUS


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(authorization=f"Bearer {KEY}"),
        Credentials(authorization=f"ApiKey {KEY}"),
        Credentials(authorization=f"  bearer   {KEY} "),
        Credentials(token=KEY),
    ],
)
async def test_a_key_is_found_wherever_a_face_may_put_it(credentials: Credentials) -> None:
    """Scheme, case and place do not matter."""
    auth = make_auth(api_keys=["bob:other", f"alice:{KEY}"])
    assert auth.required
    assert await auth.identify(credentials) == Caller("alice", "key")


async def test_a_key_without_a_name_is_named_by_its_hash() -> None:
    """The name is the first eight hex digits of the key's SHA-256, so that logs can tell keys apart."""
    caller = await make_auth(api_keys=["abc"]).identify(bearer("abc"))
    assert caller == Caller("ba7816bf", "key")  # FIPS 180-2, appendix B.1


async def test_a_key_may_hold_a_colon() -> None:
    """The first colon ends the name."""
    assert await make_auth(api_keys=["alice:a:b"]).identify(bearer("a:b")) == Caller("alice", "key")


@pytest.mark.parametrize(
    ("credentials", "reason"),
    [
        (Credentials(), "CREDENTIALS_MISSING"),
        (bearer(""), "CREDENTIALS_MALFORMED"),
        (Credentials(authorization="Basic YTpi"), "CREDENTIALS_MALFORMED"),
        (bearer("x" * 20000), "CREDENTIALS_MALFORMED"),
        (bearer("wrong-key"), "CREDENTIALS_INVALID"),
        (bearer("k\udce4se"), "CREDENTIALS_INVALID"),
        (bearer("a.b.c"), "CREDENTIALS_INVALID"),
        (bearer(token(sub="eve", key="x" * 32)), "CREDENTIALS_INVALID"),
        (bearer(token(exp=1)), "TOKEN_EXPIRED"),
        (bearer(token(exp=None)), "TOKEN_CLAIM_MISSING"),
        (bearer(token(sub=None)), "TOKEN_CLAIM_MISSING"),
        (bearer(token(sub="", **MEANT)), "TOKEN_SUBJECT_UNUSABLE"),
        (bearer(token(sub="a\nb", **MEANT)), "TOKEN_SUBJECT_UNUSABLE"),
        (bearer(token(exp=float("inf"))), "CREDENTIALS_INVALID"),
        (bearer(token(nbf=int(time.time()) + 3000)), "TOKEN_NOT_YET_VALID"),
        (bearer(token(**MEANT | {"aud": "other"})), "TOKEN_AUDIENCE_WRONG"),
        (bearer(token(**MEANT | {"iss": "other"})), "TOKEN_ISSUER_WRONG"),
        (bearer(token(key="", algorithm="none")), "TOKEN_ALGORITHM_WRONG"),
        (bearer(token(key="s" * 64, algorithm="HS512")), "TOKEN_ALGORITHM_WRONG"),
        (bearer(base64.b64encode(b"[" * 9000).decode() + ".e30.e30"), "CREDENTIALS_INVALID"),
    ],
)
async def test_a_refusal_has_a_reason_and_a_remedy_and_repeats_nothing(credentials: Credentials, reason: str) -> None:
    """Every failure is UNAUTHENTICATED, typed, and free of the credential."""
    auth = make_auth(api_keys=[KEY], jwt_secret=SECRET, jwt_issuer=MEANT["iss"], jwt_audience=MEANT["aud"])
    found = await refusal(auth, credentials)
    assert (found.code, found.reason) == (Code.UNAUTHENTICATED, reason)
    assert found.remedy
    secret = credentials.authorization.partition(" ")[2]
    assert not secret or secret not in f"{found}{found.metadata}"
    assert found.__cause__ is None
    assert not secret or secret not in repr(credentials)


async def test_a_token_is_taken_when_all_holds() -> None:
    """Its caller is `sub`; issuer and audience are checked only where they are set."""
    strict = make_auth(jwt_secret=SECRET, jwt_issuer=MEANT["iss"], jwt_audience=MEANT["aud"])
    assert await strict.identify(bearer(token(**MEANT))) == Caller("alice", "jwt")
    lax = make_auth(jwt_secret=SECRET)
    assert await lax.identify(bearer(token(iss="anyone", aud="anything"))) == Caller("alice", "jwt")


async def test_key_and_token_stand_in_for_each_other() -> None:
    """Which of the two it is, is found out from the credential, not from the header."""
    auth = make_auth(api_keys=[f"bob:{KEY}"], jwt_secret=SECRET)
    assert await auth.identify(Credentials(authorization=f"ApiKey {token()}")) == Caller("alice", "jwt")
    assert await auth.identify(bearer(KEY)) == Caller("bob", "key")


async def test_clocks_may_differ_by_the_leeway() -> None:
    """A token that ran out within the leeway still counts, and no longer."""
    auth = make_auth(jwt_secret=SECRET, jwt_leeway_seconds=60)
    assert (await auth.identify(bearer(token(exp=int(time.time()) - 30)))).name == "alice"
    assert (await refusal(auth, bearer(token(exp=int(time.time()) - 90)))).reason == "TOKEN_EXPIRED"


async def test_a_known_token_is_not_trusted_past_its_end() -> None:
    """The cached identity ends when the token does, even though the cache would keep it longer."""
    clock = Clock()
    auth = make_auth(jwt_secret=SECRET, jwt_leeway_seconds=0, cache_seconds=3600, clock=clock)
    credentials = bearer(token(exp=int(clock.now) + 100))
    await auth.identify(credentials)
    assert [known.until for known in auth._known.values()] == [int(clock.now) + 100]
    assert next(iter(auth._known)) not in credentials.authorization.encode()


async def test_an_identity_is_checked_again_after_its_time(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    """A key taken out of the set stops working once the cached identity runs out."""
    clock = Clock()
    file = tmp_path / "jwks.json"
    file.write_bytes(jwks(one=rsa_key))
    auth = make_auth(jwt_jwks=str(file), cache_seconds=60, clock=clock)
    credentials = bearer(token(rsa_key, "RS256", "one"))
    await auth.identify(credentials)
    file.write_bytes(jwks(another=rsa_key))
    assert (await auth.identify(credentials)).name == "alice"
    clock.now += 61
    assert (await refusal(auth, credentials)).reason == "TOKEN_KEY_UNKNOWN"


async def test_the_cache_is_bounded() -> None:
    """However many credentials come, only the newest are remembered."""
    auth = make_auth(api_keys=[f"k{index}" for index in range(10)], cache_size=3)
    for index in range(10):
        await auth.identify(bearer(f"k{index}"))
    assert len(auth._known) == 3


async def test_a_file_of_keys_is_read_again_when_it_changes(
    tmp_path: Path, rsa_key: rsa.RSAPrivateKey, next_key: rsa.RSAPrivateKey
) -> None:
    """A new key counts at once; a broken file is reported and mended without a restart."""
    file = tmp_path / "jwks.json"
    file.write_bytes(jwks(one=rsa_key))
    auth = make_auth(jwt_jwks=str(file))
    assert (await auth.identify(bearer(token(rsa_key, "RS256")))).name == "alice"
    assert (await refusal(auth, bearer(token(next_key, "RS256", "two")))).reason == "TOKEN_KEY_UNKNOWN"
    file.write_text("{")
    found = await refusal(auth, bearer(token(next_key, "RS256", "two")))
    assert (found.code, found.reason) == (Code.UNAVAILABLE, "AUTH_KEYS_UNREACHABLE")
    file.write_bytes(jwks(one=rsa_key, two=next_key))
    assert (await auth.identify(bearer(token(next_key, "RS256", "two")))).name == "alice"
    assert (await refusal(auth, bearer(token(rsa_key, "RS256", sub="bob")))).reason == "TOKEN_KEY_UNKNOWN"


async def test_the_algorithm_belongs_to_the_key(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    """A public key is no HMAC secret, a symmetric key of the set signs nothing, and RS512 is not RS256."""
    public = rsa_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    document = json.loads(jwks(one=rsa_key))
    document["keys"].append({"kty": "oct", "k": octets_of(b"o" * 32), "kid": "oct"})
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(document))
    auth = make_auth(jwt_jwks=str(file), jwt_secret=SECRET)
    signed = token(b"o" * 32, "HS256", "one").rpartition(".")[0]  # by hand: the library will not sign with such a key
    forged = bearer(f"{signed}.{octets_of(hmac.digest(public, signed.encode(), 'sha256'))}")
    assert (await refusal(auth, forged)).reason == "CREDENTIALS_INVALID"
    assert (await refusal(auth, bearer(token(b"o" * 32, "HS256", "oct")))).reason == "CREDENTIALS_INVALID"
    assert (await refusal(auth, bearer(token(rsa_key, "RS512", "one")))).reason == "TOKEN_ALGORITHM_WRONG"
    without_secret = make_auth(jwt_jwks=str(file))
    assert (await refusal(without_secret, forged)).reason == "TOKEN_ALGORITHM_WRONG"


async def test_elliptic_keys_sign_too(tmp_path: Path) -> None:
    """ES256 and EdDSA are taken from the set as RS256 is, each by its own key only."""
    curve, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    keys = [
        {**ECAlgorithm.to_jwk(curve.public_key(), as_dict=True), "kid": "ec", "use": "sig"},
        {**OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=True), "kid": "ed"},
    ]
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": keys}))
    auth = make_auth(jwt_jwks=str(file))
    assert (await auth.identify(bearer(token(curve, "ES256", "ec")))).name == "alice"
    assert (await auth.identify(bearer(token(edwards, "EdDSA", "ed", sub="bob")))).name == "bob"
    assert (await refusal(auth, bearer(token(curve, "ES256", "ed")))).reason == "TOKEN_ALGORITHM_WRONG"
    assert (await refusal(auth, bearer(token(curve, "ES256")))).reason == "TOKEN_KEY_UNKNOWN"


async def test_a_weak_rsa_key_is_refused_without_a_warning(tmp_path: Path) -> None:
    """1024 bits are not trusted (RFC 7518, 3.3)."""
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    file = tmp_path / "jwks.json"
    file.write_bytes(jwks(weak=weak))
    with pytest.warns(jwt.InsecureKeyLengthWarning):  # of the one who signs, here the test
        credentials = bearer(token(weak, "RS256", "weak"))
    assert (await refusal(make_auth(jwt_jwks=str(file)), credentials)).reason == "TOKEN_KEY_WEAK"


async def test_keys_are_fetched_once_for_all_who_wait(issuer: Issuer, rsa_key: rsa.RSAPrivateKey) -> None:
    """The first tokens share one fetch; a caller that gives up takes it from nobody."""
    issuer.body = jwks(one=rsa_key)
    auth = make_auth(jwt_jwks=issuer.url)
    calls = [asyncio.create_task(auth.identify(bearer(token(rsa_key, "RS256", "one", sub=f"u{n}")))) for n in range(9)]
    await asyncio.sleep(0)
    calls[0].cancel()
    callers = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(callers[0], asyncio.CancelledError)
    assert callers[1:] == [Caller(f"u{n}", "jwt") for n in range(1, 9)]
    assert issuer.asked == 1


async def test_an_unknown_key_id_fetches_again_but_not_too_often(
    issuer: Issuer, rsa_key: rsa.RSAPrivateKey, next_key: rsa.RSAPrivateKey
) -> None:
    """A rotated key is found without a restart; a flood of made-up ids does not become a flood of fetches."""
    issuer.body = jwks(one=rsa_key)
    eager = make_auth(jwt_jwks=issuer.url, jwks_refetch_seconds=0)
    await eager.identify(bearer(token(rsa_key, "RS256", "one")))
    issuer.body = jwks(one=rsa_key, two=next_key)
    assert (await eager.identify(bearer(token(next_key, "RS256", "two")))).name == "alice"
    patient = make_auth(jwt_jwks=issuer.url, jwks_refetch_seconds=3600)
    asked = issuer.asked
    for n in range(5):
        assert (await refusal(patient, bearer(token(rsa_key, "RS256", f"x{n}")))).reason == "TOKEN_KEY_UNKNOWN"
    assert issuer.asked == asked + 1


async def test_an_issuer_that_fails_is_not_the_callers_fault(issuer: Issuer, rsa_key: rsa.RSAPrivateKey) -> None:
    """The answer is UNAVAILABLE with the time to come back, and known keys go on to work."""
    issuer.status = 500
    auth = make_auth(jwt_jwks=issuer.url, jwks_refetch_seconds=0, jwks_ttl_seconds=0)
    found = await refusal(auth, bearer(token(rsa_key, "RS256", "one")))
    assert (found.code, found.reason) == (Code.UNAVAILABLE, "AUTH_KEYS_UNREACHABLE")
    assert found.retry_after_seconds == 0
    issuer.status, issuer.body = 200, jwks(one=rsa_key)
    assert (await auth.identify(bearer(token(rsa_key, "RS256", "one")))).name == "alice"
    issuer.status = 503
    assert (await auth.identify(bearer(token(rsa_key, "RS256", "one", sub="bob")))).name == "bob"


async def test_an_issuer_that_never_answers_is_given_up(rsa_key: rsa.RSAPrivateKey) -> None:
    """The fetch ends with its timeout, and the caller is told to come back."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        auth = make_auth(jwt_jwks=url, jwks_timeout_seconds=0.01)
        found = await refusal(auth, bearer(token(rsa_key, "RS256", "one")))
    assert (found.reason, found.retry_after_seconds) == ("AUTH_KEYS_UNREACHABLE", 30)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"keys":[]}', b'{"keys":[{"kty":"oct","k":"AA"}]}', b" " * 2000])
async def test_a_key_set_without_keys_is_no_key_set(issuer: Issuer, rsa_key: rsa.RSAPrivateKey, body: bytes) -> None:
    """Whatever the issuer sends instead of keys, tokens are not let in and the answer is UNAVAILABLE."""
    issuer.body = body
    found = await refusal(make_auth(jwt_jwks=issuer.url, jwks_bytes=1000), bearer(token(rsa_key, "RS256", "one")))
    assert found.reason == "AUTH_KEYS_UNREACHABLE"


@pytest.mark.parametrize(
    "settings",
    [
        {"jwt_secret": "short"},
        {"jwt_issuer": "https://issuer.test"},
        {"jwt_audience": "headwater"},
        {"jwt_jwks": "/no/such/file.json"},
        {"api_keys": [""]},
        {"api_keys": ["alice:"]},
        {"api_keys": [":secret"]},
    ],
)
def test_settings_that_would_not_protect_stop_the_start(settings: dict[str, Any]) -> None:
    """Each names the variable to set, and none repeats a secret."""
    with pytest.raises(Problem) as caught:
        make_auth(**settings)
    assert caught.value.code is Code.FAILED_PRECONDITION
    assert "HEADWATER_" in caught.value.remedy
    assert ":secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "unix:/run/headwater.sock"])
def test_loopback_needs_no_credentials(host: str) -> None:
    """Who is on the machine is let in."""
    check_bind(host, auth_required=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "headwater.test", ""])
def test_an_open_door_to_others_is_refused(host: str) -> None:
    """Unless callers must identify themselves."""
    with pytest.raises(Problem) as caught:
        check_bind(host, auth_required=False)
    assert (caught.value.code, caught.value.reason) == (Code.FAILED_PRECONDITION, "BIND_NEEDS_AUTH")
    assert "HEADWATER_API_KEYS" in caught.value.remedy
    check_bind(host, auth_required=True)
