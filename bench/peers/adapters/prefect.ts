import type { Contestant } from "../peer.ts";
import { pythonVersion } from "../python.ts";
import { pythonPeer } from "../python-peer.ts";

export const prefect: Contestant = {
  title: "Prefect",
  version: () => pythonVersion("prefect"),
  needs: [],
  durability: "its default server on a SQLite file; states of tasks reach it after the fact",
  tasksRun: "called in the process that started the run",
  crashLoses: "the run: it is left as running, and begins anew when somebody starts it",
  how: "A flow called as a function against a server beside it, which is faster than a deployment: that takes a worker's poll and a process for each run. Mapped tasks by task.map on threads.",
  aheadBecause: "its tasks are called in the process that triggers",
  sweep: [{}],
  setup: (ground) => pythonPeer("prefect", "prefect_program.py", ground),
};
