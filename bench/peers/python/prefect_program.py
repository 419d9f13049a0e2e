"""Flows of Prefect, called in this process, against a server of its own on SQLite."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request

folder = sys.argv[1]
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
os.environ.update(
    PREFECT_HOME=folder,
    PREFECT_API_URL=f"http://127.0.0.1:{port}/api",
    PREFECT_LOGGING_LEVEL="ERROR",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
)
server = subprocess.Popen(
    [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)

from prefect import flow, task  # noqa: E402

from program import serve  # noqa: E402

first_line = []


@task
def nothing():
    first_line.append(time.monotonic())


@task
def one(i):
    return i


@task
def join(everything):
    return len(everything)


@flow
def chain(length):
    for _ in range(length):
        nothing()


@flow
def fan(width):
    return join(one.map(range(width)).result())


def timed(work):
    start = time.monotonic()
    work()
    return (time.monotonic() - start) * 1000


def runs(count, length):
    def work():
        threads = [threading.Thread(target=chain, args=(length,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return timed(work)


def idle():
    start = time.monotonic()
    chain(1)
    return (first_line[-1] - start) * 1000


def until_healthy():
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health")
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server does not answer")


try:
    until_healthy()
    serve({
        "chain": lambda length: timed(lambda: chain(length)),
        "fan": lambda width: timed(lambda: fan(width)),
        "runs": runs,
        "idle": idle,
    })
finally:
    server.terminate()
    server.wait()
