import type { TaskProgress } from "../../engine/task-progress.ts";
import type { TaskRunDetail } from "../../store/reader.ts";
import { runDetailDocument, taskRunDocument } from "../run-document.ts";
import type { ServerContext } from "../server-context.ts";
import { RunProgress } from "./run-progress.ts";
import { hashOf } from "./runs-source.ts";
import type { TopicSource } from "./topic-source.ts";

/** Task runs in one delta. */
const AT_ONCE = 500;
/** Reading a run of ten thousand tasks takes time: at most this part of it goes into looking. */
const SHARE_OF_TIME = 0.3;

/** The topic `run:<id>`: the run, each of its task runs whenever that changes, and how far those say that they are. */
export class RunSource implements TopicSource {
  readonly #runId: string;
  readonly #server: Pick<ServerContext, "reader" | "catalog">;
  readonly #tell: (data: object, workflow: string | null) => void;
  readonly #told = new Map<number, string>();
  readonly #progress = new RunProgress();
  #workflow: string | null = null;
  #facts: string | null = null;
  #notBefore = 0;

  constructor(
    runId: string,
    server: Pick<ServerContext, "reader" | "catalog">,
    tell: (data: object, workflow: string | null) => void,
  ) {
    this.#runId = runId;
    this.#server = server;
    this.#tell = tell;
  }

  async snapshot(): Promise<object> {
    const { reader, catalog } = this.#server;
    const detail = await reader.runDetail(this.#runId, { outputs: false });
    const topic = `run:${this.#runId}`;
    if (detail === null) return { topic, run: null, taskRuns: [], progress: [] };
    this.#workflow = detail.run.workflow;
    this.#progress.prune(detail.taskRuns);
    if (this.#facts === null) {
      this.#facts = factsOf(detail);
      for (const row of detail.taskRuns) this.#told.set(row.id, rowFacts(row));
    }
    return {
      topic,
      run: runDetailDocument(detail, await hashOf(detail, catalog)),
      taskRuns: detail.taskRuns.map(taskRunDocument),
      progress: this.#progress.all(),
    };
  }

  progressed(progress: TaskProgress): void {
    this.#progress.add(progress);
  }

  async look(changed: ReadonlySet<string>): Promise<void> {
    const progress = this.#progress.news();
    if (progress.length > 0) this.#tell({ progress }, this.#workflow);
    if (!changed.has(`run:${this.#runId}`) || performance.now() < this.#notBefore) return;
    const { reader, catalog } = this.#server;
    const head = await reader.runHead(this.#runId);
    if (head === null) {
      // Pruned while it was open.
      if (this.#facts !== "gone") this.#tell({ run: null, taskRuns: [] }, null);
      this.#facts = "gone";
      return;
    }
    if (factsOf(head) === this.#facts) return;
    const begun = performance.now();
    const detail = await reader.runDetail(this.#runId, { outputs: false });
    if (detail === null) return;
    this.#facts = factsOf(detail);
    this.#progress.prune(detail.taskRuns);
    const rows = detail.taskRuns.filter((row) => this.#isNew(row));
    const run = runDetailDocument(detail, await hashOf(detail, catalog));
    for (let at = 0; at === 0 || at < rows.length; at += AT_ONCE)
      this.#tell({ run, taskRuns: rows.slice(at, at + AT_ONCE).map(taskRunDocument) }, detail.run.workflow);
    const tookMs = performance.now() - begun;
    this.#notBefore = performance.now() + tookMs * (1 / SHARE_OF_TIME - 1);
  }

  close(): void {}

  #isNew(row: TaskRunDetail): boolean {
    const facts = rowFacts(row);
    if (this.#told.get(row.id) === facts) return false;
    this.#told.set(row.id, facts);
    return true;
  }
}

const factsOf = ({ run, counts }: { run: { revision: number }; counts: object }): string =>
  `${run.revision} ${JSON.stringify(counts)}`;

const rowFacts = ({ state, claim, generation, attempt, dueAt }: TaskRunDetail): string =>
  `${state} ${claim} ${generation} ${attempt} ${dueAt}`;
