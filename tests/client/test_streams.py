"""Streams: every event once and in order, across whatever breaks them; never an end that was a cut."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest

from headwater.v1 import generate_tests_pb2, runs_pb2, watch_run_pb2
from headwater_client import (
    AsyncClient,
    Backoff,
    Event,
    EventStream,
    HeadwaterError,
    RunCancelled,
    StreamCut,
    StreamGap,
    kind,
    payload,
    raise_for_error,
)

from .service import RUN, Service, ends_after, event, fails_after, journal, progress, refuses, streams

Connect = Callable[..., AsyncClient]


async def sequences(stream: EventStream) -> list[int]:
    return [each.sequence async for each in stream]


async def test_a_run_is_streamed_to_its_terminal_event(service: Service, connect: Connect) -> None:
    """A stream hands out the generated messages, in order, and ends after the terminal one."""
    events = [each async for each in connect().generate_tests(source="x = 1\n")]
    assert events == service.events
    assert [kind(each) for each in events] == ["start", "progress", "progress", "progress", "complete"]
    assert payload(events[1]).percent == 10


async def test_complete_returns_the_result(service: Service, connect: Connect) -> None:
    """`complete()` reads to the end and returns the payload of the `complete` event, however often it is asked."""
    stream = connect().generate_tests(source="x = 1\n")
    assert await stream.complete() == service.events[-1].complete
    assert await stream.complete() == service.events[-1].complete
    assert len(service.requests) == 1


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_an_end_without_a_terminal_event_is_resumed(service: Service, connect: Connect, count: int) -> None:
    """An EOF before the terminal event is a cut: the stream goes on after the last event that arrived."""
    service.script = [ends_after(count), ends_after(1)]
    assert await sequences(connect().generate_tests(source="x = 1\n")) == [1, 2, 3, 4, 5]


async def test_a_resumed_stream_watches_after_the_last_sequence(service: Service, connect: Connect) -> None:
    """Once the run is known it is watched, and not started again."""
    service.script = [fails_after(2, grpc.StatusCode.UNAVAILABLE)]
    assert await sequences(connect().generate_tests(source="x = 1\n")) == [1, 2, 3, 4, 5]
    assert service.requests[1:] == [watch_run_pb2.WatchRunRequest(run=RUN, after=2)]


async def test_a_killed_server_is_resumed_when_it_is_back(service: Service, connect: Connect) -> None:
    """The connection dies in mid-stream and the server comes back on its port: no event is lost or doubled."""
    service.script = [service.held_after(3)]
    stream = connect().generate_tests(source="x = 1\n")
    first = [(await anext(stream)).sequence for _ in range(3)]
    rest = asyncio.create_task(sequences(stream))
    await service.stop()
    await service.start()
    assert first + await rest == [1, 2, 3, 4, 5]


async def test_a_server_that_starts_late_is_waited_for(service: Service, connect: Connect) -> None:
    """A call that finds no server is made again with the same key, until the server is there."""
    await service.stop()
    knocked = asyncio.Event()

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        knocked.set()

    absent = await asyncio.start_server(refuse, "127.0.0.1", service.port)
    stream = asyncio.create_task(sequences(connect().generate_tests(source="x = 1\n")))
    await knocked.wait()
    absent.close()
    await absent.wait_closed()
    await service.start()
    assert await stream == [1, 2, 3, 4, 5]


async def test_a_retry_before_the_first_event_carries_the_same_key(service: Service, connect: Connect) -> None:
    """Without a key of the caller the client makes one, so that a retry attaches to the run that may have begun."""
    service.script = [ends_after(0), fails_after(0, grpc.StatusCode.UNAVAILABLE)]
    await connect().generate_tests(source="x = 1\n").complete()
    keys = [each.run_options.idempotency_key for each in service.requests]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert keys[0]


async def test_what_was_seen_is_not_handed_out_again(service: Service, connect: Connect) -> None:
    """A server that repeats events after a resumption does not double them."""
    service.script = [ends_after(3), streams(*service.events[:4]), streams(*service.events)]
    assert await sequences(connect().generate_tests(source="x = 1\n")) == [1, 2, 3, 4, 5]


async def test_a_gap_is_an_error(service: Service, connect: Connect) -> None:
    """An event that skips a number is not handed out."""
    service.script = [streams(service.events[0], service.events[2])]
    stream = connect().generate_tests(source="x = 1\n")
    assert (await anext(stream)).sequence == 1
    with pytest.raises(StreamGap) as caught:
        await anext(stream)
    assert caught.value.metadata == {"run": RUN, "after": "1", "sequence": "3"}


@pytest.mark.parametrize(
    "code",
    [grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.DEADLINE_EXCEEDED],
)
async def test_a_status_made_on_the_way_is_a_cut(service: Service, connect: Connect, code: grpc.StatusCode) -> None:
    """A stream that had begun and ends with a status without details was reset by something between."""
    service.script = [fails_after(2, code)]
    assert await sequences(connect().generate_tests(source="x = 1\n")) == [1, 2, 3, 4, 5]


async def test_a_refused_call_is_not_retried(service: Service, connect: Connect) -> None:
    """What the service refuses is raised at once."""
    service.script = [refuses(grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID", "The token is wrong.", "Get another.")]
    with pytest.raises(HeadwaterError) as caught:
        await connect().generate_tests(source="x = 1\n").complete()
    assert caught.value.code is grpc.StatusCode.UNAUTHENTICATED
    assert len(service.requests) == 1


async def test_a_refused_resumption_is_raised(service: Service, connect: Connect) -> None:
    """A run whose journal is gone cannot be resumed, and its stream does not end as if it had ended."""
    gone = refuses(grpc.StatusCode.OUT_OF_RANGE, "JOURNAL_PRUNED", "The events are gone.", "Read the run.")
    service.script = [ends_after(2), gone]
    stream = connect().generate_tests(source="x = 1\n")
    with pytest.raises(HeadwaterError, match="JOURNAL_PRUNED"):
        await stream.complete()
    assert stream.sequence == 2


async def test_without_resume_a_cut_is_raised(service: Service, connect: Connect) -> None:
    """With `resume=False` a cut raises StreamCut, which says where to go on."""
    service.script = [ends_after(2)]
    with pytest.raises(StreamCut) as caught:
        await connect(resume=False).generate_tests(source="x = 1\n").complete()
    assert caught.value.metadata == {"run": RUN, "after": "2"}
    assert len(service.requests) == 1


async def test_the_client_gives_up_after_its_budget(service: Service, connect: Connect) -> None:
    """A stream that brings nothing new within `max_resume_seconds` raises StreamCut; asked again, it tries again."""
    service.script = [ends_after(2)] + [ends_after(0)] * 100
    stream = connect(max_resume_seconds=0.1).generate_tests(source="x = 1\n")
    with pytest.raises(StreamCut):
        await stream.complete()
    service.script = []
    assert (await stream.complete()).success


async def test_progress_renews_the_budget(service: Service, connect: Connect) -> None:
    """Cuts do not add up as long as each attempt brings something new."""
    service.events = journal(*progress(*range(40)))
    service.script = [ends_after(1)] * 41
    quick = Backoff(first=0.01, longest=0.01)
    stream = connect(max_resume_seconds=0.011, backoff=quick).generate_tests(source="x = 1\n")
    assert await sequences(stream) == list(range(1, 43))


async def test_an_absent_server_is_reported_as_such(service: Service, connect: Connect) -> None:
    """Where no call was ever answered the error is the connection's, with what to do about it."""
    await service.stop()
    with pytest.raises(HeadwaterError) as caught:
        await connect(max_resume_seconds=0.05).watch_run(RUN).complete()
    assert not isinstance(caught.value, StreamCut)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    assert caught.value.remedy


async def test_a_deadline_spans_all_attempts(service: Service, connect: Connect) -> None:
    """The time limit bounds the stream as a whole and ends it, though each attempt brings something."""
    service.script = [ends_after(1), ends_after(1), service.held_after(1)]
    stream = connect(timeout=2.0).generate_tests(source="x = 1\n")
    with pytest.raises(HeadwaterError) as caught:
        await stream.complete()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert stream.sequence == 3


async def test_leaving_the_loop_leaves_the_call(service: Service, connect: Connect) -> None:
    """`break` cancels the RPC, even though the stream is still at hand."""
    service.script = [service.held_after(2)]
    stream = connect().generate_tests(source="x = 1\n")
    async for _ in stream:
        break
    await service.left.wait()
    assert stream.sequence == 1


async def test_closing_leaves_the_call(service: Service, connect: Connect) -> None:
    """`aclose()` cancels the RPC, ends a loop in another task, and may be repeated."""
    service.script = [service.held_after(2)]
    stream = connect().generate_tests(source="x = 1\n")
    assert (await anext(stream)).sequence == 1
    assert (await anext(stream)).sequence == 2
    reader = asyncio.create_task(sequences(stream))
    await asyncio.sleep(0)
    await stream.aclose()
    await stream.aclose()
    assert await reader == []
    await service.left.wait()
    with pytest.raises(StreamCut, match="STREAM_CLOSED"):
        await stream.complete()


async def test_a_forgotten_stream_leaves_the_call(service: Service, connect: Connect) -> None:
    """A stream that nobody holds any more does not keep its run busy."""
    service.script = [service.held_after(1)]
    stream = connect().generate_tests(source="x = 1\n")
    await anext(stream)
    del stream
    gc.collect()
    await service.left.wait()


async def test_a_cancelled_task_leaves_the_call(service: Service, connect: Connect) -> None:
    """Cancelling the task that reads cancels the RPC, and the task."""
    service.script = [service.held_after(1)]
    stream = connect().generate_tests(source="x = 1\n")
    await anext(stream)
    task = asyncio.create_task(stream.complete())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await service.left.wait()


async def test_closing_the_client_tells_its_readers(service: Service, connect: Connect) -> None:
    """A reader whose client is closed gets an error, not a cancellation that nobody asked for."""
    service.script = [service.held_after(1)]
    client = connect()
    stream = client.generate_tests(source="x = 1\n")
    await anext(stream)
    task = asyncio.create_task(stream.complete())
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(HeadwaterError, match="CLIENT_CLOSED"):
        await task
    with pytest.raises(HeadwaterError, match="CLIENT_CLOSED"):
        await client.get_run(RUN)


async def test_a_second_loop_goes_on_where_the_first_stopped(service: Service, connect: Connect) -> None:
    """A stream that was left can be read on, at once or when its call has ended."""
    service.script = [service.held_after(4)]
    stream = connect().generate_tests(source="x = 1\n")
    async for _ in stream:
        break
    async for _ in stream:
        break
    assert (await anext(stream)).sequence == 3
    async for _ in stream:
        break
    await service.left.wait()
    assert await sequences(stream) == [5]
    assert service.requests[1:] == [watch_run_pb2.WatchRunRequest(run=RUN, after=4)]


async def test_a_call_that_is_held_open_after_the_end_is_left(service: Service, connect: Connect) -> None:
    """After the terminal event nothing is waited for: a server that does not end the call does not hold the reader."""
    service.script = [service.held_after(5)]
    assert (await connect().generate_tests(source="x = 1\n").complete()).success
    await service.left.wait()


async def test_a_run_is_watched_after_a_sequence(service: Service, connect: Connect) -> None:
    """`watch_run` hands out what follows the cursor; after the last event it is resumed like any stream."""
    service.script = [ends_after(1)]
    assert await sequences(connect().watch_run(RUN, after=2)) == [3, 4, 5]
    assert [each.after for each in service.requests] == [2, 3]


async def test_a_failed_run_ends_with_an_error_event(service: Service, connect: Connect) -> None:
    """The terminal `error` is handed out as an event; `complete()` and `raise_for_error` raise it."""
    service.events[-1] = event(5, runs_pb2.Error(reason="PROVIDER_DOWN", message="No answer.", remedy="Wait."))
    events: list[Event] = [each async for each in connect().generate_tests(source="x = 1\n")]
    assert kind(events[-1]) == "error"
    with pytest.raises(HeadwaterError) as caught:
        raise_for_error(events[-1])
    assert (caught.value.reason, caught.value.message, caught.value.remedy) == ("PROVIDER_DOWN", "No answer.", "Wait.")
    with pytest.raises(HeadwaterError, match="PROVIDER_DOWN"):
        await connect().generate_tests(source="x = 1\n").complete()


async def test_raise_on_error_raises_in_the_loop(service: Service, connect: Connect) -> None:
    """With `raise_on_error=True` the loop raises the terminal failure instead of handing it out."""
    service.events[-1] = event(5, runs_pb2.Cancelled(origin="client", message="Enough."))
    stream = connect(raise_on_error=True).generate_tests(source="x = 1\n")
    with pytest.raises(RunCancelled) as caught:
        await sequences(stream)
    assert stream.sequence == 5
    assert caught.value.metadata == {"origin": "client", "run": RUN}


async def test_an_unknown_method_s_run_is_refused(service: Service, connect: Connect) -> None:
    """A run of a method that is newer than the client is refused with words, not shown as empty events."""

    class Newer(Service):
        async def WatchRun(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802 — the RPC
            yield watch_run_pb2.WatchRunEvent()

    await service.stop()
    newer = Newer()
    newer.port = service.port
    await newer.start()
    try:
        with pytest.raises(HeadwaterError, match="METHOD_UNKNOWN"):
            await connect().watch_run(RUN).complete()
    finally:
        await newer.stop()


async def test_an_unknown_kind_of_event_keeps_its_place(service: Service, connect: Connect) -> None:
    """An event of a newer kind is handed out without a kind, so that the numbers stay whole."""
    service.events[1] = generate_tests_pb2.GenerateTestsEvent(sequence=2, run=RUN)
    events = [each async for each in connect().generate_tests(source="x = 1\n")]
    assert kind(events[1]) == ""
    assert payload(events[1]) is None
    assert len(events) == 5
