"""Has batches of work done in processes of their own, ahead of who takes the answers, in their order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_Batch = TypeVar("_Batch")
Answer = Callable[[bytes], bytes]
_STDOUT, _STDERR = 1, 2


def ahead(
    batches: Iterable[_Batch], ask: Callable[[_Batch], bytes], answer: Answer, *, count: int
) -> Generator[tuple[_Batch, bytes]]:
    """Pairs batches with their answers; `ask` writes a batch as bytes, `answer` works on these in another process.

    The processes are forked: what is in memory here is there as well. They end when this generator or process does.
    """
    coming = iter(batches)
    helpers: list[_Helper] = []
    working: deque[tuple[_Helper, _Batch]] = deque()
    try:
        for batch in coming:
            helper = _Helper(answer, helpers)
            helpers.append(helper)
            helper.ask(ask(batch))
            working.append((helper, batch))
            if len(helpers) == count:
                break
        while working:
            helper, batch = working.popleft()
            answered = helper.answered()
            for another in coming:  # before the answer is looked at: the process works meanwhile
                helper.ask(ask(another))
                working.append((helper, another))
                break
            yield batch, answered
    finally:
        for helper in helpers:
            helper.close()


def available() -> int:
    """Counts the cores."""
    return os.cpu_count() or 1


class _Helper:
    """A process, and the pipe to it. It is asked only when it has answered, so that neither waits for the other."""

    def __init__(self, answer: Answer, others: Sequence[_Helper]) -> None:
        from multiprocessing import get_context  # noqa: PLC0415 — most analyses do without

        context = get_context("fork")
        self.pipe, theirs = context.Pipe()
        ours = [self.pipe, *(each.pipe for each in others)]
        self._process: BaseProcess = context.Process(target=_work, args=(theirs, ours, answer), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, question: bytes) -> None:
        with self._alive():
            self.pipe.send_bytes(question)

    def answered(self) -> bytes:
        with self._alive():
            return self.pipe.recv_bytes()

    @contextmanager
    def _alive(self) -> Generator[None]:
        try:
            yield
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._process.join()
            if (self._process.exitcode or 0) < 0:
                raise MemoryError("a process was killed") from None  # what most often is the reason
            raise

    def close(self) -> None:
        self.pipe.close()
        self._process.kill()
        self._process.join()


def _work(pipe: Connection, others: Iterable[Connection], answer: Answer) -> None:
    """Answers until the other end is closed, of which a copy left open here would keep it from knowing."""
    os.dup2(_STDERR, _STDOUT)  # whoever reads the output of the process that began must see its end
    for each in others:
        each.close()
    with suppress(EOFError, OSError):  # nobody is there any more
        while True:
            pipe.send_bytes(answer(pipe.recv_bytes()))


def batched(items: Iterator[_Batch], size: int) -> Iterator[list[_Batch]]:
    """Cuts items into lists of so many, the last one shorter."""
    batch: list[_Batch] = []
    for each in items:
        batch.append(each)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
