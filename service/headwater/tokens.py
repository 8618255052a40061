"""Verifies JSON Web Tokens (RFC 7519, RFC 8725)."""

from __future__ import annotations

import jwt

from headwater.errors import Code, Problem, problem
from headwater.jwks import KeySet


class Tokens:
    """Verifies tokens: those signed by HS256 with the secret, those signed by an asymmetric key with the key set.

    The algorithm belongs to the key, not to the token (RFC 8725, 3.1): a token that names another is refused.
    """

    def __init__(self, *, secret: str, keys: KeySet | None, issuer: str, audience: str, leeway_seconds: float) -> None:
        self._secret = secret
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway_seconds
        self._jwt = jwt.PyJWT(
            {
                "require": ["exp", "sub"],
                "verify_aud": bool(audience),
                "verify_iss": bool(issuer),
                "enforce_minimum_key_length": True,
            }
        )

    async def verify(self, token: str) -> tuple[str, float]:
        """Returns whom the token speaks for, and when it runs out in seconds since 1970.

        Raises Problem UNAUTHENTICATED, or UNAVAILABLE when the issuer's keys cannot be had.
        """
        try:
            key, algorithm = await self._key(jwt.get_unverified_header(token))
            claims = self._jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience or None,
                issuer=self._issuer or None,
                leeway=self._leeway,
            )
        except (jwt.PyJWTError, OverflowError, RecursionError) as error:  # the last two: of numbers and depth in JSON
            raise _why(error) from None  # the cause may quote the token
        return _name(claims["sub"]), float(claims["exp"]) + self._leeway

    async def _key(self, header: dict[str, object]) -> tuple[jwt.PyJWK | str, str]:
        if header.get("alg") == _SYMMETRIC:
            if self._secret:
                return self._secret, _SYMMETRIC
        elif self._keys is not None:
            key = await self._keys.find(str(header.get("kid", "")))
            if key is None:
                raise _refused("TOKEN_KEY_UNKNOWN", "The token is signed by a key that is not in the key set.")
            return key, key.algorithm_name
        raise jwt.InvalidAlgorithmError


def _name(subject: str) -> str:
    """Checks the name that a token gives: it will stand in logs and own runs."""
    if 0 < len(subject) <= _NAME_LENGTH and subject.isprintable():
        return subject
    raise _refused(
        "TOKEN_SUBJECT_UNUSABLE", f"The token's `sub` is no printable name of at most {_NAME_LENGTH} letters."
    )


def _why(error: Exception) -> Problem:
    for kind, reason, message in _REASONS:
        if isinstance(error, kind):
            return _refused(reason, message)
    return _refused("CREDENTIALS_INVALID", "The token cannot be read, or its signature is wrong.")


def _refused(reason: str, message: str) -> Problem:
    return problem(
        Code.UNAUTHENTICATED, reason, message, "Ask the issuer for a new token that fulfils HEADWATER_JWT_*."
    )


_SYMMETRIC = "HS256"
_NAME_LENGTH = 255  # OpenID Connect Core, 2: `sub` is at most that long
_REASONS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "TOKEN_EXPIRED", "The token has expired."),
    (jwt.ImmatureSignatureError, "TOKEN_NOT_YET_VALID", "The token is not valid yet."),
    (jwt.InvalidIssuerError, "TOKEN_ISSUER_WRONG", "The token comes from another issuer than the one trusted here."),
    (jwt.InvalidAudienceError, "TOKEN_AUDIENCE_WRONG", "The token is meant for another audience."),
    (jwt.MissingRequiredClaimError, "TOKEN_CLAIM_MISSING", "The token lacks a claim that is needed: exp and sub."),
    (jwt.InvalidAlgorithmError, "TOKEN_ALGORITHM_WRONG", "The token is not signed as its key demands."),
    (jwt.InvalidKeyError, "TOKEN_KEY_WEAK", "The token is signed by a key that is too short to be trusted."),
)
