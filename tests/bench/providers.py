"""Measures what a streamed token costs through each wire, what it adds to the first one, and what each fault becomes.

`make bench-providers`. The vendors run in a process on one core, whoever asks them in one on the other; the baseline is
the vendor's SDK in its usual, typed way, in the same run. `VENDORS=path/to/vendors.py` plays other vendors than ours:
a program that takes `--port` and whose models' names are `fake;tps=20;n=100` and the like.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

import uvloop

from headwater.errors import Code, Problem
from headwater.providers.limits import Limits
from headwater.providers.make import Models
from headwater.providers.models import Message, Prompt, Role

WIRES = ("openai", "responses", "anthropic", "ollama")
AIM_US = {"openai": 200}
PATHS = {"openai": "/v1", "responses": "/v1", "anthropic": "", "ollama": ""}
VARIABLES = dict.fromkeys(WIRES, "OPENAI_BASE_URL") | {"anthropic": "ANTHROPIC_BASE_URL", "ollama": "OLLAMA_HOST"}
PROMPT = Prompt(messages=(Message(role=Role.USER, text="Write a test."),))
FAULTS = {
    "429": {"status": 429, "retry_after": 1},
    "500": {"status": 500},
    "529": {"status": 529},
    "401": {"status": 401},
    "404": {"status": 404},
    "cut in the middle": {"fault": "abort"},
    "no end marker": {"fault": "cut"},
    "stall": {"fault": "stall"},
    "malformed": {"fault": "malformed"},
    "in-band error": {"fault": "in_band"},
}
THEIRS = {"abort": "disconnect=5", "cut": "trunc=1", "stall": "stall=5;stall_s=30", "malformed": "malformed=5"}
NEVER = {Code.INTERNAL, Code.UNKNOWN}
SETTLE_SECONDS = 30


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--per-second", type=float, default=20)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--bulk-streams", type=int, default=10)
    parser.add_argument("--bulk-tokens", type=int, default=5000)
    given = parser.parse_args()
    theirs = os.environ.get("VENDORS", "")
    with vendors(theirs) as url:
        wires = [wire for wire in WIRES if not (theirs and wire == "responses")]
        lost = sum(costs(wire, url, given) for wire in wires)
        wrong = sum(faults(wire, url, given) for wire in wires)
    return 1 if lost or wrong else 0


@contextmanager
def vendors(theirs: str) -> Iterator[str]:
    """Starts the vendors on one core."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ours = [sys.executable, "-m", "tests.fakes.vendors"]
    command = [sys.executable, theirs, "--port", str(port)] if theirs else ours
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        assert process.stdout is not None
        said = process.stdout.readline()
        yield f"http://127.0.0.1:{port if theirs else said.strip()}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SETTLE_SECONDS)


def costs(wire: str, url: str, given: argparse.Namespace) -> int:
    """Prints the rows of one wire; returns how many tokens were lost."""
    if wire == WIRES[0]:
        print(f"{'wire':10} {'path':6} {'pace':>12} {'µs/token':>9} {'× typed':>8} {'lost':>5} {'first token ms':>15}")
    rows: list[tuple[str, str, float]] = []
    lost = 0
    for pace, streams, tokens, per_second in (
        ("paced", given.streams, given.tokens, given.per_second),
        ("full speed", given.bulk_streams, given.bulk_tokens, 0.0),
    ):
        for path in ("typed", "ours"):
            told = client(wire, path, url, streams=streams, tokens=tokens, per_second=per_second)
            rows.append((pace, path, told["us"]))
            lost += told["lost"]
            typed = next(us for kind, how, us in rows if kind == pace and how == "typed")
            first = f"{told['first_ms']:.2f}" if pace == "paced" else ""
            aim = f"  (aim {AIM_US[wire]})" if pace == "paced" and path == "ours" and wire in AIM_US else ""
            print(
                f"{wire:10} {path:6} {pace:>12} {told['us']:9.1f} {told['us'] / typed:8.2f} {told['lost']:5} "
                f"{first:>15}{aim}",
                flush=True,
            )
    bare = client(wire, "bare", url, streams=1, tokens=1, per_second=0.0)
    print(f"{wire:10} {'bare':6} {'one token':>12} {'':9} {'':8} {bare['lost']:5} {bare['first_ms']:15.2f}", flush=True)
    return lost + bare["lost"]


def client(wire: str, path: str, url: str, *, streams: int, tokens: int, per_second: float) -> dict[str, Any]:
    """Runs one client in a process of its own."""
    arguments = [wire, path, url, str(streams), str(tokens), str(per_second)]
    command = [sys.executable, "-m", "tests.bench.providers", "client", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def model_name(*, theirs: bool, tokens: int, per_second: float, **fault: Any) -> str:
    """Writes a play as the name of a model."""
    if not theirs:
        return "fake?" + "&".join(f"{k}={v}" for k, v in {"tokens": tokens, "per_second": per_second, **fault}.items())
    words = [f"fake;n={tokens};tps={per_second:g};content=words"]
    for name, value in fault.items():
        words.append(THEIRS.get(value, "error=5") if name == "fault" else f"{name}={value}")
    return ";".join(words)


async def run_client(wire: str, path: str, url: str, *, streams: int, tokens: int, per_second: float) -> dict[str, Any]:
    """Reads streams at once; returns the CPU of a token and how long the first one of a lone stream took."""
    model = model_name(theirs=bool(os.environ.get("VENDORS")), tokens=tokens, per_second=per_second)
    one = model_name(theirs=bool(os.environ.get("VENDORS")), tokens=1, per_second=0)
    async with aclosing(READS[path](wire, url)) as opened:
        read = await anext(opened)
        for _ in range(3):
            await count(read, one)
        firsts = [(await count(read, one))[1] for _ in range(30)]
        await asyncio.gather(*(count(read, one) for _ in range(streams)))
        before = time.process_time()
        counts = await asyncio.gather(*(count(read, model, number * 0.003) for number in range(streams)))
        spent = time.process_time() - before
    return {
        "us": spent * 1e6 / (streams * tokens),
        "lost": abs(streams * tokens - sum(seen for seen, _ in counts)),
        "first_ms": statistics.median(firsts) * 1e3,
    }


Read = Callable[[str], AsyncIterator[str]]


async def count(read: Read, model: str, wait: float = 0.0) -> tuple[int, float]:
    """Counts the tokens of one stream, each of which ends with a space; and times the first."""
    await asyncio.sleep(wait)
    began = time.perf_counter()
    first = seen = 0.0
    async for text in read(model):
        first = first or time.perf_counter() - began
        seen += text.count(" ")
    return int(seen), first


async def ours(wire: str, url: str) -> AsyncIterator[Read]:
    secrets = {"OPENAI_API_KEY": "sk-bench", "ANTHROPIC_API_KEY": "sk-bench", VARIABLES[wire]: url + PATHS[wire]}
    async with Models(secrets) as models:

        async def read(model: str) -> AsyncIterator[str]:
            async with aclosing(models.make([f"{wire}:{model}"]).answer(PROMPT)) as answers:
                async for answer in answers:
                    if answer.text:
                        yield answer.text

        yield read


async def typed(wire: str, url: str) -> AsyncIterator[Read]:
    """The vendor's SDK as its own pages show it."""
    client = make_client(wire, url)
    messages: Any = [{"role": "user", "content": "Write a test."}]
    more = {"anthropic": {"max_tokens": 1000}}.get(wire, {})
    ask, text_of = {
        "openai": (lambda: client.chat.completions.create, chat_text),
        "responses": (lambda: client.responses.create, lambda event: getattr(event, "delta", None)),
        "anthropic": (lambda: client.messages.create, lambda event: getattr(getattr(event, "delta", 0), "text", None)),
        "ollama": (lambda: client.chat, lambda part: part.message.content),
    }[wire]
    asked = {"input": messages} if wire == "responses" else {"messages": messages}

    async def read(model: str) -> AsyncIterator[str]:
        async for event in await ask()(model=model, stream=True, **asked, **more):
            if text := text_of(event):
                yield text

    yield read
    await client.close()


def make_client(wire: str, url: str) -> Any:
    if wire in {"openai", "responses"}:
        import openai  # noqa: PLC0415 — each client loads its own SDK only

        return openai.AsyncOpenAI(api_key="sk-bench", base_url=f"{url}/v1", max_retries=0)
    if wire == "anthropic":
        import anthropic  # noqa: PLC0415 — likewise

        return anthropic.AsyncAnthropic(api_key="sk-bench", base_url=url, max_retries=0)
    import ollama  # noqa: PLC0415 — likewise

    return ollama.AsyncClient(host=url)


def chat_text(chunk: Any) -> str | None:
    return chunk.choices[0].delta.content if chunk.choices else None


async def bare(wire: str, url: str) -> AsyncIterator[Read]:
    """A socket and nothing else: what the first token takes at best."""
    path = {
        "openai": "/v1/chat/completions",
        "responses": "/v1/responses",
        "anthropic": "/v1/messages",
        "ollama": "/api/chat",
    }[wire]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))

    async def read(model: str) -> AsyncIterator[str]:
        body = json.dumps({"model": model, "stream": True, "messages": []}).encode()
        writer.write(f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        data = b""
        while b"\r\n0\r\n\r\n" not in data:
            data += await reader.read(65536)
            if b"0000000 " in data or b"w" in data:
                break
        yield " "
        while not data.endswith(b"\r\n0\r\n\r\n"):
            data += await reader.read(65536)

    yield read
    writer.close()


READS: dict[str, Callable[[str, str], Any]] = {"ours": ours, "typed": typed, "bare": bare}


def faults(wire: str, url: str, given: argparse.Namespace) -> int:
    """Prints what each fault became; returns how many ended as a success or as our own fault."""
    return uvloop.run(show_faults(wire, url, given))


async def show_faults(wire: str, url: str, given: argparse.Namespace) -> int:
    del given
    secrets = {"OPENAI_API_KEY": "sk-bench", "ANTHROPIC_API_KEY": "sk-bench", VARIABLES[wire]: url + PATHS[wire]}
    wrong = 0
    async with Models(secrets, limits=Limits(attempts=1, idle_seconds=0.5, first_token_seconds=2)) as models:
        for name, fault in FAULTS.items():
            theirs = bool(os.environ.get("VENDORS"))
            model = model_name(theirs=theirs, tokens=10, per_second=0, **fault, **({} if theirs else {"at": 5}))
            began, became, text = time.perf_counter(), "SUCCESS", ""
            try:
                async for answer in models.make([f"{wire}:{model}"]).answer(PROMPT):
                    text += answer.text
            except Problem as found:
                retry = f", retry after {found.retry_after_seconds:g} s" if found.retry_after_seconds else ""
                became = f"{found.code.name} {found.reason}{retry}"
                wrong += found.code in NEVER
            wrong += became == "SUCCESS"
            took = time.perf_counter() - began
            print(f"{wire:10} {name:18} {text.count(' '):3} tokens, then {became} after {took:.2f} s", flush=True)
    return wrong


def client_main(wire: str, path: str, url: str, streams: str, tokens: str, per_second: str) -> None:  # noqa: PLR0917 — the command line
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    pace = {"streams": int(streams), "tokens": int(tokens), "per_second": float(per_second)}
    print(json.dumps(uvloop.run(run_client(wire, path, url, **pace))))


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"]:
        client_main(*sys.argv[2:])
    else:
        sys.exit(main())
