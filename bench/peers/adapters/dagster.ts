import type { Contestant } from "../peer.ts";
import { pythonVersion } from "../python.ts";
import { pythonPeer } from "../python-peer.ts";

export const dagster: Contestant = {
  title: "Dagster",
  version: () => pythonVersion("dagster"),
  needs: [],
  durability: "its default storage, SQLite files",
  tasksRun: "called in the process that started the run",
  crashLoses: "the run: it is left as started, and a daemon may begin it again",
  how: "execute_in_process, the fastest of its executors, with an instance on disk and no daemon: what it schedules takes a process for a run besides. Mapped ops by DynamicOut; runs one after the other.",
  aheadBecause: "its tasks are called in the process that triggers",
  sweep: [{}],
  setup: (ground) => pythonPeer("dagster", "dagster_program.py", ground),
};
