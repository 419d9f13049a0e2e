"""Dags of Airflow under `airflow standalone`: scheduler, API server and Dag processor, LocalExecutor."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

folder = sys.argv[1]
dags = os.path.join(folder, "dags")
os.makedirs(dags)
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
os.environ.update(
    AIRFLOW_HOME=folder,
    AIRFLOW__CORE__DAGS_FOLDER=dags,
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__EXECUTOR="LocalExecutor",
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"http://127.0.0.1:{port}/execution/",
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="False",
    AIRFLOW__CORE__PARALLELISM="8",
    AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG="64",
    AIRFLOW__API__PORT=str(port),
    AIRFLOW__API__HOST="127.0.0.1",
    AIRFLOW__API__WORKERS="1",
    AIRFLOW__API__BASE_URL=f"http://127.0.0.1:{port}",
    AIRFLOW__API_AUTH__JWT_SECRET="bench-bench-bench-bench-bench-bench",
    AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME="0.1",
    # On a busy machine its five seconds are not enough, and the task fails.
    AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT="60",
    AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/airflow.db",
)
with open(os.path.join(dags, "bench.py"), "w") as file:
    file.write('''
from airflow.sdk import DAG, task


@task
def nothing():
    pass


@task
def one(i):
    return i


@task
def join(everything):
    return len(list(everything))


def chain_of(length):
    with DAG(f"chain_{length}", schedule=None, catchup=False, max_active_runs=64) as dag:
        last = nothing()
        for _ in range(1, length):
            following = nothing()
            last >> following
            last = following
    return dag


def fan_of(width):
    with DAG(f"fan_{width}", schedule=None, catchup=False) as dag:
        join(one.expand(i=list(range(width))))
    return dag


chain_1, chain_10, fan_20, fan_100 = chain_of(1), chain_of(10), fan_of(20), fan_of(100)
''')
server = subprocess.Popen(
    [sys.executable, "-m", "airflow", "standalone"],
    stdout=open(os.path.join(folder, "standalone.log"), "w"),
    stderr=subprocess.STDOUT,
    env=dict(os.environ, PATH=os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]),
    start_new_session=True,
)

from airflow.api.common.trigger_dag import trigger_dag  # noqa: E402
from airflow.models import DagRun, TaskInstance  # noqa: E402
from airflow.models.dag import DagModel  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402
from airflow.utils.types import DagRunTriggeredByType  # noqa: E402

from program import serve  # noqa: E402

numbers = iter(range(1_000_000))


def start(dag_id):
    run_id = f"run_{next(numbers)}"
    trigger_dag(dag_id=dag_id, triggered_by=DagRunTriggeredByType.TEST, run_id=run_id)
    return run_id


def ended(dag_id, run_ids):
    """Waits for all of them, and answers when the first task began and the last one ended."""
    while True:
        with create_session() as session:
            states = [
                state
                for (state,) in session.query(DagRun.state).filter(DagRun.dag_id == dag_id, DagRun.run_id.in_(run_ids))
            ]
            if states and all(state in ("success", "failed") for state in states):
                assert all(state == "success" for state in states), states
                rows = session.query(TaskInstance.start_date, TaskInstance.end_date).filter(
                    TaskInstance.dag_id == dag_id, TaskInstance.run_id.in_(run_ids)
                )
                times = [(begin.timestamp(), end.timestamp()) for begin, end in rows]
                return min(begin for begin, _ in times), max(end for _, end in times)
        time.sleep(0.2)


def run(dag_id, count=1):
    begin = time.time()
    _, last = ended(dag_id, [start(dag_id) for _ in range(count)])
    return (last - begin) * 1000


def idle():
    begin = time.time()
    first, _ = ended("chain_1", [start("chain_1")])
    return (first - begin) * 1000


def until_ready():
    for _ in range(3_000):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health")
            with create_session() as session:
                if session.query(DagModel).count() == 4:
                    return
        except Exception:
            pass
        time.sleep(0.1)
    raise TimeoutError("Airflow has not read its Dags within five minutes")


try:
    until_ready()
    serve({
        "chain": lambda length: run(f"chain_{length}"),
        "fan": lambda width: run(f"fan_{width}"),
        "runs": lambda count, length: run(f"chain_{length}", count),
        "idle": idle,
    })
finally:
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
