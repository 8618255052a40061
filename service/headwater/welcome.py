"""What `serve` prints when it serves: where it listens, and lines to try."""

from __future__ import annotations

import sys

import click

from headwater.config import Settings
from headwater.server import Ports

SNIPPET = r"def half(n):\n    if n % 2:\n        raise ValueError(\"odd\")\n    return n // 2\n"
"""Code small enough for a command line, as it stands inside a JSON string."""


def welcome(settings: Settings, ports: Ports) -> None:
    """Prints the ports, and lines to try."""
    scheme = "https" if settings.tls_certificate is not None else "http"
    host = "localhost" if settings.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else settings.host  # noqa: S104 — compared, not bound
    click.echo(f"Headwater serves gRPC on {host}:{ports.grpc} and HTTP on {scheme}://{host}:{ports.http}")
    body = f'{{"source":{{"path":"cart.py","content":"{SNIPPET}"}}}}'
    key = "-H 'authorization: Bearer KEY' " if settings.auth_required else ""
    plain = "" if settings.tls_certificate is not None else "-plaintext "
    click.echo("\nTry:\n")
    click.echo(f"  curl -N {key}{scheme}://{host}:{ports.http}/v1/tests:generate -d '{body}'\n")
    click.echo(f"  grpcurl {plain}{key}-d '{body}' {host}:{ports.grpc} headwater.v1.HeadwaterService/GenerateTests\n")
    click.echo(f"  headwater tests FILE.py --server {host}:{ports.grpc}\n")
    sys.stdout.flush()
