"""Reads the files of TLS, for both faces: gRPC takes them as bytes, HTTP as paths."""

from __future__ import annotations

import ssl
from pathlib import Path

import grpc
import uvicorn

from headwater.config import Settings
from headwater.errors import Code, Problem, problem


def check_tls(settings: Settings) -> None:
    """Refuses settings that no handshake could work with, before anything listens.

    Raises Problem FAILED_PRECONDITION `TLS_UNUSABLE`.
    """
    certificate, key, authority = settings.tls_certificate, settings.tls_key, settings.tls_client_ca
    if certificate is None or key is None:
        if certificate or key or authority:
            raise _unusable("A certificate and its key belong together.")
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise _unusable(f"{certificate} and {key} cannot be used: {error.strerror or error}.") from None
    if authority is not None:
        try:
            context.load_verify_locations(authority)
        except OSError as error:
            raise _unusable(f"{authority} cannot be used: {error.strerror or error}.") from None


def grpc_credentials(settings: Settings) -> grpc.ServerCredentials:
    """Makes the credentials of the gRPC port; with a client authority, every client must show a certificate."""
    pair = (_read(settings.tls_key), _read(settings.tls_certificate))
    authority = _read(settings.tls_client_ca) if settings.tls_client_ca is not None else None
    return grpc.ssl_server_credentials([pair], authority, require_client_auth=authority is not None)


def secure_http(config: uvicorn.Config, settings: Settings) -> None:
    """Puts the same into the configuration of the HTTP server."""
    if settings.tls_certificate is None:
        return
    config.ssl_certfile = settings.tls_certificate
    config.ssl_keyfile = settings.tls_key
    config.ssl_ca_certs = str(settings.tls_client_ca) if settings.tls_client_ca is not None else None
    config.ssl_cert_reqs = ssl.CERT_REQUIRED if settings.tls_client_ca is not None else ssl.CERT_NONE


def _read(path: Path | None) -> bytes:
    return path.read_bytes() if path is not None else b""


def _unusable(message: str) -> Problem:
    remedy = "Name PEM files with --tls-certificate, --tls-key and, for mTLS, --tls-client-ca."
    return problem(Code.FAILED_PRECONDITION, "TLS_UNUSABLE", message, remedy)
