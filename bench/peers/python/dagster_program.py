"""Jobs of Dagster, executed in this process, with its instance on SQLite."""

import os
import sys
import time

os.environ["DAGSTER_HOME"] = sys.argv[1]
os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"

from dagster import DagsterInstance, DynamicOut, DynamicOutput, In, Nothing, graph, op  # noqa: E402

from program import serve  # noqa: E402

first_line = []


@op(ins={"after": In(Nothing)})
def nothing():
    first_line.append(time.monotonic())


@op
def first():
    first_line.append(time.monotonic())


def chain_of(length):
    @graph(name=f"chain_{length}")
    def chain():
        last = first()
        for place in range(1, length):
            last = nothing.alias(f"step_{place}")(after=last)

    return chain.to_job()


def fan_of(width):
    @op(name=f"list_{width}", out=DynamicOut(int))
    def make_list():
        for i in range(width):
            yield DynamicOutput(i, mapping_key=str(i))

    @op(name=f"one_{width}")
    def one(i: int):
        return i

    @op(name=f"join_{width}")
    def join(everything):
        return len(everything)

    @graph(name=f"fan_{width}")
    def fan():
        join(make_list().map(one).collect())

    return fan.to_job()


jobs = {}


def job(make, size):
    if (make, size) not in jobs:
        jobs[make, size] = make(size)
    return jobs[make, size]


def execute(of):
    assert of.execute_in_process(instance=instance).success


def timed(work):
    start = time.monotonic()
    work()
    return (time.monotonic() - start) * 1000


def runs(count, length):
    of = job(chain_of, length)
    # In threads they wait for each other's SQLite files for good.
    return timed(lambda: [execute(of) for _ in range(count)])


def idle():
    of = job(chain_of, 1)
    start = time.monotonic()
    execute(of)
    return (first_line[-1] - start) * 1000


with open(os.path.join(sys.argv[1], "dagster.yaml"), "w") as settings:
    settings.write("telemetry:\n  enabled: false\npython_logs:\n  python_log_level: ERROR\n")
instance = DagsterInstance.get()
import logging  # noqa: E402

logging.getLogger("dagster").setLevel(logging.ERROR)
serve({
    "chain": lambda length: timed(lambda: execute(job(chain_of, length))),
    "fan": lambda width: timed(lambda: execute(job(fan_of, width))),
    "runs": runs,
    "idle": idle,
})
