"""The processes that read outside data: what ends them, and what does not."""

import asyncio
import os
import pickle
import signal
import sys
import zoneinfo
from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import worker_jobs as jobs

from bot.intake.parsing.entries import Entry, FeedDocument, UnreadableError
from bot.intake.parsing.reading import Refusal
from bot.intake.processes.wire import HEADER_SIZE, ForeignError, Header, Kind, unpack_value
from bot.intake.processes.workers import Workers, WorkersClosedError

ENTRY = Entry("A ferry", published=datetime(2026, 7, 16, tzinfo=UTC), topics=("sea",))
FEED = FeedDocument("rss 2.0", (ENTRY,), (Refusal(2, "no title"),), skip_hours=frozenset({1, 2}))


@pytest.fixture
async def made():
    """Makes workers that may run the jobs of these tests, and ends them."""
    all_made = []

    def make(**options):
        all_made.append(Workers(rooms=("worker_jobs",), **options))
        return all_made[-1]

    yield make
    for workers in all_made:
        await workers.close()
        assert workers.pids == ()


async def gone(pid):
    """Wait until a process has ended, whoever has started it."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process, ended.set)
    await ended.wait()
    loop.remove_reader(process)
    os.close(process)


def pipe(folder, name):
    os.mkfifo(folder / name)
    return str(folder / name)


async def said(path):
    assert await asyncio.to_thread(Path(path).read_bytes) == b"."


async def test_one_process_does_one_job_after_the_other(made, caplog):
    workers = made()
    pid = await workers.run(jobs.pid)
    assert await workers.run(jobs.entries, 2, body="x" * 50_000) == jobs.entries(2, "x" * 50_000)
    assert await workers.run(jobs.length, b"x" * 3_000_000) == 3_000_000
    assert await workers.run(jobs.chatty) == "an answer"
    with pytest.raises(UnreadableError, match=r"^it is a picture$"):
        await workers.run(jobs.unreadable, "it is\na picture\x1b")
    with pytest.raises(UnreadableError, match="nested too deeply"):
        await workers.run(jobs.deep)
    with pytest.raises(UnreadableError, match="the reader failed: ValueError: nosuch thing"):
        await workers.run(jobs.wrong)
    assert "worker_jobs.py" in caplog.records[-1].trace
    with pytest.raises(ValueError, match="is no job"):
        await workers.run(os.getpid)
    assert workers.pids == (pid,)
    assert await workers.run(jobs.pid) == pid


LONG = "longer than 0.2 seconds"


@pytest.mark.parametrize(
    ("limits", "faults"),
    [
        ({"seconds": 0.2}, ((jobs.spin, LONG), (jobs.rest, LONG))),
        ({"memory": 200_000_000}, ((jobs.hog, "more than 200 MB of memory"), (jobs.crash, "ended unexpectedly"))),
    ],
)
async def test_what_takes_too_much_ends_alone(made, limits, faults):
    workers = made(**limits)
    for job, why in faults:
        with pytest.raises(UnreadableError, match=why):
            await workers.run(job)
    assert await workers.run(jobs.length, b"abc") == 3


@pytest.mark.parametrize("program", ["/bin/false", "/nowhere/python"])
async def test_what_cannot_start_is_said(made, monkeypatch, program):
    workers = made()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", program)
        with pytest.raises(UnreadableError, match="no reader can be started"):
            await workers.run(jobs.pid)
    assert await workers.run(jobs.length, b"abc") == 3


async def test_what_it_may_not_do(made, tmp_path, monkeypatch):
    monkeypatch.setenv("NEWSCRIER_TOKEN", "1:secret")
    workers = made()
    assert await workers.run(jobs.settings) == ()
    assert await workers.run(jobs.tries, str(tmp_path)) == ("PermissionError",) * 5 + ("OSError",)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(workers.pids[0], number)
    assert (await workers.run(jobs.pid),) == workers.pids


async def test_an_idle_process_ends_and_memory_is_given_back(made):
    workers = made(idle_seconds=0)
    await gone(await workers.run(jobs.pid))
    patient = made()
    grown = await patient.run(jobs.grow)
    await gone(grown)
    assert await patient.run(jobs.pid) != grown


async def test_a_process_that_was_killed_while_idle_costs_nobody_a_job(made):
    workers = made()
    pid = await workers.run(jobs.pid)
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    while workers.pids:  # noqa: ASYNC110  until the event loop has heard of it
        await asyncio.sleep(0)
    assert await workers.run(jobs.length, b"abc") == 3


async def test_a_cancelled_job_ends_and_those_that_wait_go_on_in_order(made, tmp_path):
    workers = made(most=1)
    says = pipe(tmp_path, "says")
    spinning = asyncio.create_task(workers.run(jobs.say_and_spin, says))
    await said(says)
    (pid,) = workers.pids
    order = []
    waiting = [asyncio.create_task(workers.run(jobs.length, b"x" * number)) for number in range(4)]
    for task in waiting:
        task.add_done_callback(order.append)
    await asyncio.sleep(0)  # they stand in the queue
    waiting[1].cancel()
    spinning.cancel()
    await asyncio.wait([spinning, *waiting])
    await gone(pid)
    assert spinning.cancelled()
    assert order == [waiting[1], waiting[0], waiting[2], waiting[3]]
    assert [task.result() for task in (waiting[0], waiting[2], waiting[3])] == [0, 2, 3]


async def test_a_second_process_helps_who_has_waited(made, tmp_path):
    workers = made(most=2, patience_seconds=0)
    says, hears = pipe(tmp_path, "says"), pipe(tmp_path, "hears")
    busy = asyncio.create_task(workers.run(jobs.say_and_wait, says, hears))
    await said(says)
    other = await workers.run(jobs.pid)
    assert len(workers.pids) == 2
    await asyncio.to_thread(Path(hears).write_bytes, b"")
    assert {await busy, other} == set(workers.pids)


async def test_few_who_wait_for_short_start_no_second_process(made):
    workers = made(most=2, patience_seconds=60)
    assert len({*await asyncio.gather(*(workers.run(jobs.pid) for _ in range(5)))}) == 1


async def test_closing_ends_what_is_under_way(made, tmp_path):
    workers = made(most=1)
    says = pipe(tmp_path, "says")
    running = [asyncio.create_task(workers.run(jobs.say_and_spin, says))]
    await said(says)
    (pid,) = workers.pids
    running.append(asyncio.create_task(workers.run(jobs.pid)))
    await asyncio.sleep(0)  # it stands in the queue
    await workers.close()
    await gone(pid)
    for outcome in await asyncio.gather(*running, workers.run(jobs.pid), return_exceptions=True):
        assert isinstance(outcome, WorkersClosedError)
    starting = made()
    begun = asyncio.create_task(starting.run(jobs.pid))
    await asyncio.sleep(0)  # its process is being started
    await starting.close()
    assert isinstance((await asyncio.gather(begun, return_exceptions=True))[0], WorkersClosedError)


async def test_it_ends_with_the_bot_however_that_ends():
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import asyncio, worker_jobs as jobs\n"
        "from bot.intake.processes.workers import Workers\n"
        "async def main():\n"
        "    workers = Workers(rooms=('worker_jobs',))\n"
        "    print(await workers.run(jobs.pid), flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n",
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
    )
    worker = int(await bot.stdout.readline())
    os.kill(worker, 0)
    bot.kill()
    await bot.wait()
    await gone(worker)


async def test_an_answer_is_what_was_promised(made):
    workers = made()
    with pytest.raises(UnreadableError, match="wrong answer"):
        await workers.run(jobs.liar)
    assert await workers.run(jobs.length, b"abc") == 3


@pytest.mark.parametrize(
    ("value", "promised"),
    [
        (FEED, FeedDocument),
        ((ENTRY, replace(ENTRY, published=None)), tuple[Entry, ...]),
        ((), tuple[Entry, ...]),
        (("a", 1), tuple[str, int]),
        (None, Entry | None),
        (Kind.FAILED, Kind),
        (b"bytes", bytes),
    ],
)
def test_values_arrive_as_they_were_sent(value, promised):
    assert unpack_value(pickle.dumps(value, 5), promised) == value


class Command:
    def __reduce__(self):
        return os.system, ("true",)


def unfinished():
    return object.__new__(Entry)


@pytest.mark.parametrize(
    ("sent", "promised"),
    [
        (pickle.dumps(Command(), 5), Entry),
        (pickle.dumps(eval, 5), Entry),
        (pickle.dumps(partial(print), 5), Entry),
        (pickle.dumps(OrderedDict(), 5), Entry),
        (pickle.dumps(zoneinfo.ZoneInfo("UTC"), 5), Entry),
        (pickle.dumps(UnreadableError("x"), 5), Entry),
        (pickle.dumps(FEED, 5), Entry),
        (pickle.dumps(replace(ENTRY, title=1), 5), Entry),
        (pickle.dumps(replace(ENTRY, topics=["sea"]), 5), Entry),
        (pickle.dumps(replace(ENTRY, topics=("sea", 1)), 5), Entry),
        (pickle.dumps(replace(ENTRY, date_only=1), 5), Entry),
        (pickle.dumps(replace(ENTRY, published=datetime(2026, 7, 16)), 5), Entry),  # noqa: DTZ001  that is the fault
        (pickle.dumps(replace(FEED, entries=(None,)), 5), FeedDocument),
        (pickle.dumps(replace(FEED, skip_hours=frozenset({"1"})), 5), FeedDocument),
        (pickle.dumps(("a", 1, 2), 5), tuple[str, int]),
        (pickle.dumps([ENTRY], 5), tuple[Entry, ...]),
        (b"\x80\x05cbot.intake.entries\nEntry\n)\x81.", Entry),  # an old opcode for a name
        (b"\x80\x05\x8c\x12bot.intake.entries\x8c\x05Entry\x93)\x81.", Entry),  # no field is set
        (b"\x80\x05\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.", Entry),
        (b"\x80\x05\x8c\x12bot.intake.entries\x8c\x0dreplace.clear\x93.", Entry),
        (pickle.dumps(ENTRY, 5)[:-20], Entry),
        (b"", Entry),
        (b"\x80\x05\x8e\xff\xff\xff\xff\xff\xff\xff\x7f", bytes),  # bytes without end
    ],
)
def test_no_other_answer_is_believed(sent, promised):
    with pytest.raises(ForeignError):
        unpack_value(sent, promised)


def test_headers_are_believed_within_bounds():
    assert Header.unpacked(Header(Kind.VALUE, last=True, size=7).packed()) == Header(Kind.VALUE, last=True, size=7)
    for bad in (b"v\0\xff\xff\xff\xff", b"x\0\0\0\0\0", b"\xff\0\0\0\0\0"):
        assert len(bad) == HEADER_SIZE
        with pytest.raises(ForeignError):
            Header.unpacked(bad)
