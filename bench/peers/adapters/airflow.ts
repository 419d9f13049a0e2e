import type { Contestant } from "../peer.ts";
import { pythonVersion } from "../python.ts";
import { pythonPeer } from "../python-peer.ts";

export const airflow: Contestant = {
  title: "Airflow",
  version: () => pythonVersion("apache-airflow"),
  needs: [],
  durability: "SQLite file, its default for `airflow standalone`",
  tasksRun: "dispatched to a process for each task",
  crashLoses: "nothing; tasks of a dead worker begin again after some minutes",
  how: "`airflow standalone` with the LocalExecutor, eight tasks at once, the scheduler's pause when idle at 0.1 s; runs are triggered by its Python API, and times are those of its own records.",
  aheadBecause: "",
  sweep: [{}],
  setup: (ground) => pythonPeer("apache-airflow", "airflow_program.py", ground),
};
