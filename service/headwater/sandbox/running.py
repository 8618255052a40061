"""Runs one guest: hands it to a zygote, reads its pipes within bounds, and waits until nothing of it is left."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from typing import Any, Self

from headwater.sandbox import Ended, Limits, Outcome
from headwater.sandbox.messages import Messages, TooMuchError
from headwater.sandbox.verdict import Heard, judge
from headwater.sandbox.zygotes import Zygote

_PIECE = 1 << 16
_LENGTH_BYTES = 8


class LostError(Exception):
    """Says that the zygote did not start the guest."""


class Running:
    """A guest that was started. Use `start`, iterate `messages` to its end, then `ended`; `close` in any case."""

    def __init__(self, limits: Limits, patience: float) -> None:
        self._limits, self._patience = limits, patience
        self._zygote: Zygote | None = None
        self._heard = Heard()
        self._stopped: tuple[Outcome, str] | None = None
        self._output = bytearray()
        self._transports: list[asyncio.BaseTransport] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._control: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._messages = asyncio.StreamReader()
        self._facts: Mapping[str, Any] | None = None

    @classmethod
    async def start(
        cls, zygote: Zygote, spec: Mapping[str, Any], limits: Limits, groups: Sequence[int], patience: float
    ) -> Self:
        """Starts a guest. Raises LostError where the zygote is dead or does not answer within `patience` seconds."""
        running = cls(limits, patience)
        running._zygote = zygote
        zygote.guests += 1
        async with AsyncExitStack() as undo:
            undo.push_async_callback(running.close)
            try:
                async with asyncio.timeout(patience):
                    await running._start(zygote, spec, groups)
            except (OSError, TimeoutError) as error:
                raise LostError(str(error) or "the zygote did not answer in time") from error
            undo.pop_all()
        return running

    async def messages(self) -> AsyncGenerator[dict[str, Any]]:
        """Yields what the guest sends until it, and all that it started, is gone."""
        messages = Messages(self._limits, self._heard)
        while piece := await self._messages.read(_PIECE):
            try:
                for message in messages.feed(piece):
                    yield message
            except TooMuchError as error:
                self.stop(Outcome.OUTPUT, str(error))
                return
        messages.finish()

    async def ended(self, *, seconds: float, starved: bool) -> Ended:
        """Says how it ended."""
        outcome, detail = self._stopped or judge(self._facts, self._heard, self._limits, starved=starved)
        output = self._output.decode(errors="replace")
        return Ended(outcome=outcome, detail=detail, output=output, seconds=seconds)

    async def gone(self) -> float:
        """Waits until nothing of the guest is left; returns the seconds that it ran."""
        await asyncio.gather(*self._tasks, return_exceptions=True)  # cancelled where the room is closed meanwhile
        return float((self._facts or {}).get("seconds", 0.0))

    def stop(self, outcome: Outcome, detail: str) -> None:
        """Has the keeper end the guest, with everything that it started."""
        self._stopped = self._stopped or (outcome, detail)
        if self._control is not None and not self._control[1].is_closing():
            self._control[1].write(b"k")

    async def close(self) -> None:
        """Ends it, waits for its end as long as there is patience, and lets go of every descriptor."""
        try:
            if self._tasks and not all(each.done() for each in self._tasks):
                self.stop(Outcome.CRASHED, "ended by the host")
                await asyncio.wait(self._tasks, timeout=self._patience)
        finally:
            for task in self._tasks:
                task.cancel()
            for transport in self._transports:
                transport.close()
            if self._control is not None:
                self._control[1].transport.abort()  # the keeper takes this for an order, too
            if self._zygote is not None:
                self._zygote.guests -= 1
                self._zygote = None

    async def _start(self, zygote: Zygote, spec: Mapping[str, Any], groups: Sequence[int]) -> None:
        with ExitStack() as theirs:
            ours, control = socket.socketpair()
            theirs.enter_context(control)
            reader, writer = self._control = await asyncio.open_connection(sock=ours)
            messages = await self._pipe(self._messages, theirs)
            printed = asyncio.StreamReader()
            output = await self._pipe(printed, theirs)
            zygote.fork([control.fileno(), messages, output, *groups])
        order = json.dumps(spec).encode()
        writer.write(len(order).to_bytes(_LENGTH_BYTES, "big") + order)
        await writer.drain()
        line = await reader.readline()
        if not line:
            raise ConnectionResetError("the zygote ended")
        first = json.loads(line)
        if "started" in first:
            self._tasks = [asyncio.create_task(self._listen(reader)), asyncio.create_task(self._collect(printed))]
        else:
            self._facts = first

    async def _pipe(self, reader: asyncio.StreamReader, theirs: ExitStack) -> int:
        """Opens a pipe that `reader` reads; returns its other end, closed with `theirs`."""
        transport, write = await open_pipe(reader)
        theirs.callback(os.close, write)
        self._transports.append(transport)
        return write

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Takes the keeper's last word; one that somebody killed or stopped leaves none, and is not waited for."""
        try:
            async with asyncio.timeout(self._limits.wall_seconds + self._patience):
                line = await reader.readline()
        except (OSError, TimeoutError):
            line = b""
        if line.endswith(b"\n"):
            self._facts = json.loads(line)
        else:
            for transport in self._transports:
                transport.close()  # whoever still holds the other ends

    async def _collect(self, printed: asyncio.StreamReader) -> None:
        """Gathers what is printed, and ends who prints too much."""
        most, total = self._limits.output_bytes, 0
        while piece := await printed.read(_PIECE):
            self._output += piece[: most - len(self._output)]
            total += len(piece)
            if total > most:
                self.stop(Outcome.OUTPUT, f"printed more than {most} bytes")


async def open_pipe(reader: asyncio.StreamReader) -> tuple[asyncio.ReadTransport, int]:
    """Opens a pipe that `reader` reads until its transport is closed; also returns the descriptor of its other end.

    uvloop closes the descriptor of a transport itself, and then the file that it came with. The file must not close it
    a second time: another thread may have been given its number by then.
    """
    read, write = os.pipe()
    loop = asyncio.get_running_loop()
    closes = type(loop).__module__.partition(".")[0] != "uvloop"
    end = os.fdopen(read, "rb", buffering=0, closefd=closes)
    try:
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), end)
    except BaseException:
        os.close(write)
        raise
    return transport, write
