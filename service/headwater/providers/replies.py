"""Reads what stands around a vendor's answer: its headers, its kind of content, its bytes as they come."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol, cast

REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id", "x-ms-request-id")


class HttpResponse(Protocol):
    """A response of httpx or of httpx2, which have no class in common."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, found whatever their case."""
        ...

    def aiter_bytes(self) -> AsyncIterator[bytes]:
        """Its body as it comes, unpacked."""
        ...

    def aiter_raw(self) -> AsyncIterator[bytes]:
        """Its body as it comes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The beginning of a vendor's answer."""

    response: HttpResponse
    content_type: str
    request_id: str

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Returns the body as it comes."""
        packed = self.response.headers.get("content-encoding", "identity") != "identity"
        chunks = self.response.aiter_bytes() if packed else self.response.aiter_raw()
        return cast("AsyncGenerator[bytes, None]", chunks)  # both libraries give generators, which can be closed


def read_reply(response: HttpResponse) -> Reply:
    """Reads the beginning of an answer."""
    headers = response.headers
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Reply(response=response, content_type=content_type, request_id=find_request_id(headers))


def find_request_id(headers: Mapping[str, str]) -> str:
    """Finds the vendor's id of the request; "" where it tells none."""
    return next((headers[name] for name in REQUEST_IDS if headers.get(name)), "")


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Reads how many seconds to wait: `retry-after-ms`, or `retry-after` as seconds or as a date (RFC 9110, 10.2.3)."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        try:
            seconds = float(value) / unit
        except ValueError:
            seconds = _until(value)
        if seconds is not None and 0 <= seconds < math.inf:
            return seconds
    return None


def _until(value: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None  # neither a number nor a date: the vendor said nothing that can be used
