"""The originals, for compare_originals: originals.py asyncio|threading|gevent|eventlet|BACpypes

Prints its version, and then, for each line "ROW TIMES" of its input, the nanoseconds of one
iteration of that row, or "-" if it has no answer. The rows are those of
benches/src/originals/rows.rs. A bound method that a program looks up once is looked up once here,
and no garbage is collected while a row is timed.
"""

import gc
import platform
import sys
from importlib.metadata import version
from time import perf_counter_ns as clock


def reads(times, read):
    begin = clock()
    for _ in range(times):
        read()
    return (clock() - begin) / times


def sets_and_clears(times, event):
    set, clear = event.set, event.clear
    begin = clock()
    for _ in range(times):
        set()
        clear()
    return (clock() - begin) / times


class Crowd:
    """Counts waiters that resume, and stops the clock with the last."""

    def __init__(self, size, over):
        self.left, self.over, self.end = size, over, None

    def resumed(self):
        self.left -= 1
        if self.left == 0:
            self.end = clock()
            self.over()


def ping_pongs(times, event, start):
    """Of two threads; `start` runs a function in one, and returns a function that joins it."""
    ping, pong = event(), event()

    def other():
        for _ in range(times + 1):
            ping.wait()
            ping.clear()
            pong.set()

    def serve():
        ping.set()
        pong.wait()
        pong.clear()

    join = start(other)
    serve()  # The other thread runs.
    begin = clock()
    for _ in range(times):
        serve()
    end = clock()
    join()
    return (end - begin) / (2 * times)


def crowds(size, library, set, wait, last, over):
    """Of green threads, which wait; `set` wakes them, and `over` ends `last.wait`."""
    crowd = Crowd(size, over)

    def sleep():
        wait()
        crowd.resumed()

    for _ in range(size):
        library.spawn(sleep)
    library.sleep(0)  # All are waiting.
    begin = clock()
    set()
    last.wait()
    library.sleep(0)  # All have ended.
    return crowd.end - begin


def of_asyncio():
    import asyncio

    async def crowd(size):
        event, last = asyncio.Event(), asyncio.Event()
        crowd = Crowd(size, last.set)

        async def sleep():
            await event.wait()
            crowd.resumed()

        tasks = [asyncio.create_task(sleep()) for _ in range(size)]
        await asyncio.sleep(0)  # All are waiting.
        begin = clock()
        event.set()
        await last.wait()
        await asyncio.gather(*tasks)
        return crowd.end - begin

    async def ping_pong(times):
        ping, pong = asyncio.Event(), asyncio.Event()

        async def other():
            for _ in range(times):
                await ping.wait()
                ping.clear()
                pong.set()

        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        begin = clock()
        for _ in range(times):
            ping.set()
            await pong.wait()
            pong.clear()
        end = clock()
        await task
        return (end - begin) / (2 * times)

    return f"CPython {platform.python_version()}", {
        "is_set": lambda times: reads(times, asyncio.Event().is_set),
        "set_clear": lambda times: sets_and_clears(times, asyncio.Event()),
        "crowd": lambda size: asyncio.run(crowd(size)),
        "ping_pong": lambda times: asyncio.run(ping_pong(times)),
    }


def of_threading():
    import threading

    def start(run):
        thread = threading.Thread(target=run)
        thread.start()
        return thread.join

    return f"CPython {platform.python_version()}", {
        "is_set": lambda times: reads(times, threading.Event().is_set),
        "set_clear": lambda times: sets_and_clears(times, threading.Event()),
        "threads": lambda times: ping_pongs(times, threading.Event, start),
    }


def of_gevent():
    import gevent
    from gevent.event import AsyncResult, Event

    def crowd(size):
        event, last = Event(), Event()
        return crowds(size, gevent, event.set, event.wait, last, last.set)

    def results(size):
        result, last = AsyncResult(), Event()
        return crowds(size, gevent, lambda: result.set(7), result.get, last, last.set)

    def get(times):
        result = AsyncResult()
        result.set(7)
        return reads(times, result.get)

    return f"gevent {version('gevent')}", {
        "is_set": lambda times: reads(times, Event().is_set),
        "set_clear": lambda times: sets_and_clears(times, Event()),
        "crowd": crowd,
        "ping_pong": lambda times: ping_pongs(times, Event, lambda run: gevent.spawn(run).join),
        "get": get,
        "results": results,
    }


def of_eventlet():
    import eventlet
    from eventlet.event import Event

    def values(size):
        event, last = Event(), Event()
        return crowds(size, eventlet, lambda: event.send(7), event.wait, last, last.send)

    return f"eventlet {version('eventlet')}", {"values": values}


def of_bacpypes():
    from bacpypes.event import WaitableEvent

    return f"BACpypes {version('bacpypes')}", {
        "waitable": lambda times: sets_and_clears(times, WaitableEvent()),
    }


ALL = {
    "asyncio": of_asyncio,
    "threading": of_threading,
    "gevent": of_gevent,
    "eventlet": of_eventlet,
    "BACpypes": of_bacpypes,
}


def main():
    if sys.argv[1] not in ALL:
        sys.exit(f"no such original: {sys.argv[1]}")
    try:
        name, rows = ALL[sys.argv[1]]()
    except ImportError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    print(name, flush=True)
    for line in sys.stdin:
        row, times = line.split()
        if row in rows:
            gc.collect()
            gc.disable()
            print(rows[row](int(times)), flush=True)
            gc.enable()
        else:
            print("-", flush=True)


main()
