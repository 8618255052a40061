"""Opens the store that a URL names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from headwater.errors import Code, Problem, problem
from headwater.store import Store
from headwater.store.limits import DEFAULTS, Limits


async def open_store(url: str, *, holder: str, limits: Limits = DEFAULTS) -> Store:
    """Opens `sqlite:///path/file.db`, `sqlite://:memory:` or `postgresql://user:password@host/database`.

    `holder` names this server to whoever meets its lock or connections. The schema is made, or brought up to date.

    Raises:
        Problem: the URL is wrong, or the database is locked, out of reach, foreign, or newer than this version.
    """
    scheme, _, rest = url.partition("://")
    match scheme.lower():
        case "sqlite":
            return await _open_sqlite(rest, holder, limits)
        case "postgresql" | "postgres":
            return await _open_postgres(url, holder, limits)
        case _:
            # Of an unknown URL nothing is repeated: anything in it may be a password.
            raise _invalid("It begins with none of sqlite:// and postgresql://.")


async def _open_sqlite(rest: str, holder: str, limits: Limits) -> Store:
    # Loaded only where used, as is the other one: a server has one store.
    from headwater.store.sqlite import MEMORY, open_sqlite  # noqa: PLC0415 — see above

    if rest == MEMORY:
        return await open_sqlite(None, holder=holder, limits=limits)
    if not rest.startswith("/"):
        raise _invalid(f"sqlite://{rest} names no absolute path.")
    if "?" in rest or "#" in rest:
        raise _invalid("A sqlite:// URL has no options; write ? and # in a file name as %3F and %23.")
    path = unquote(rest)
    if path.endswith("/") or "\0" in path:
        raise _invalid(f"sqlite://{rest} names no file.")
    return await open_sqlite(Path(path), holder=holder, limits=limits)


async def _open_postgres(url: str, holder: str, limits: Limits) -> Store:
    try:
        from headwater.store.postgres import open_postgres  # noqa: PLC0415 — needs a package that not everybody has
    except ImportError as error:
        if error.name != "asyncpg":
            raise
        raise problem(
            Code.FAILED_PRECONDITION,
            "STORE_DRIVER_MISSING",
            "A postgresql:// store needs the package asyncpg.",
            "Install it with: pip install headwater[postgres]",
        ) from error
    return await open_postgres(url, shown=_shown(url), holder=holder, limits=limits)


def _shown(url: str) -> str:
    """Returns the URL without what may be secret: user, password and options."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        # The message of the error would quote a part of the URL, and that may be of the password.
        raise _invalid("The host or the port of the postgresql:// URL cannot be read.") from None
    # A password with an unescaped / ? or # is split in the wrong place, and its @ ends up here.
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        return f"{parts.scheme}://…"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _invalid(message: str) -> Problem:
    return problem(
        Code.INVALID_ARGUMENT,
        "STORE_URL_INVALID",
        f"The URL of the store cannot be used. {message}",
        "Write sqlite:///absolute/path/headwater.db, sqlite://:memory: or postgresql://user:password@host/database.",
    )
