import { TuttiError } from "../../core/errors.ts";
import type { Assignment, Part, RunInfo } from "../../runtime/protocol.ts";
import type { Child } from "./child.ts";

interface OpenRun {
  readonly info: RunInfo;
  readonly shared: Map<string, string>;
}

/** The runs whose tasks may come, and what of them each child has been told: a run, and each part that tasks share, travels to a child once. */
export class OpenRuns {
  readonly #worker: string;
  readonly #runs = new Map<string, OpenRun>();

  constructor(worker: string) {
    this.#worker = worker;
  }

  open(run: RunInfo): void {
    this.#runs.set(run.runId, { info: run, shared: new Map() });
  }

  share(runId: string, key: string, text: string): void {
    this.#get(runId).shared.set(key, text);
  }

  forget(runId: string, children: Iterable<Child>): void {
    this.#runs.delete(runId);
    for (const child of children) {
      if (!child.runs.delete(runId)) continue;
      for (const key of child.shared) if (key.startsWith(`${runId} `)) child.shared.delete(key);
      child.send({ kind: "forget", runId });
    }
  }

  /** @throws TuttiError `RUN_UNKNOWN` */
  info(runId: string): RunInfo {
    return this.#get(runId).info;
  }

  /** Sends what a task needs of its run and the child does not have. */
  tell(child: Child, { runId, values }: Assignment): void {
    const run = this.#get(runId);
    child.versions.add(run.info.version.hash);
    if (!child.runs.has(runId)) {
      child.runs.add(runId);
      child.send({ kind: "run", run: run.info });
    }
    if (run.shared.size > 0) for (const part of Object.values(values)) tellPart(child, run, part);
  }

  #get(runId: string): OpenRun {
    const run = this.#runs.get(runId);
    if (!run) throw new TuttiError("RUN_UNKNOWN", `Run "${runId}" was not opened on worker "${this.#worker}".`);
    return run;
  }
}

function tellPart(child: Child, run: OpenRun, part: Part): void {
  if (part.kind === "gathered") return part.items.forEach((item) => tellPart(child, run, item));
  if (part.kind === "settled") return part.items.forEach((item) => tellPart(child, run, item));
  if (part.kind === "element") return part.value === null ? undefined : tellPart(child, run, part.value);
  if (part.kind !== "shared") return;
  const { runId } = run.info;
  const text = run.shared.get(part.key);
  const told = `${runId} ${part.key}`;
  if (child.shared.has(told) || text === undefined) return;
  child.shared.add(told);
  child.send({ kind: "share", runId, key: part.key, text });
}
