import type { RunHead, RunSummary } from "../../store/reader.ts";
import type { Catalog } from "../catalog.ts";
import { runDocument } from "../run-document.ts";
import type { ServerContext } from "../server-context.ts";
import type { TopicSource } from "./topic-source.ts";

const SHOWN = 100;
/** Unfinished runs that the net looks at. */
const LOOKED_AT = 200;
/** Runs that are read in one look; the rest waits for the next. */
const A_LOOK = 500;
const REMEMBERED = 20_000;
const RUN = "run:";

/** The topic `runs`: every run as it is now, whenever that changes, and which are gone. */
export class RunsSource implements TopicSource {
  readonly #server: Pick<ServerContext, "reader" | "catalog">;
  readonly #tell: (data: object, workflow: string | null) => void;
  /** What was last told of each. */
  readonly #told = new Map<string, string>();
  #waiting = new Set<string>();

  constructor(
    server: Pick<ServerContext, "reader" | "catalog">,
    tell: (data: object, workflow: string | null) => void,
  ) {
    this.#server = server;
    this.#tell = tell;
  }

  async snapshot(): Promise<object> {
    const runs = await this.#server.reader.listRuns({ limit: SHOWN });
    // What everybody has been told of is news only when it changes.
    for (const run of runs) if (!this.#told.has(run.id)) this.#remember(run.id, summaryFacts(run));
    return { topic: "runs", runs: runs.map((run) => runDocument(run, run.version)) };
  }

  async look(changed: ReadonlySet<string>): Promise<void> {
    const { reader, catalog } = this.#server;
    if (changed.has("runs")) await this.#lookAround();
    for (const name of changed) if (name.startsWith(RUN)) this.#waiting.add(name.slice(RUN.length));
    const removed: string[] = [];
    let left = A_LOOK;
    for (const id of this.#waiting) {
      if (left-- === 0) break;
      this.#waiting.delete(id);
      const head = await reader.runHead(id);
      if (head === null) removed.push(id);
      else this.#say(id, factsOf(head), runDocument(summaryOf(head), await hashOf(head, catalog)));
    }
    if (removed.length === 0) return;
    for (const id of removed) this.#told.delete(id);
    // Whose it was nobody knows any more, and its id tells nothing of it.
    this.#tell({ removed }, null);
  }

  close(): void {}

  /** What no hint came for. */
  async #lookAround(): Promise<void> {
    const { reader } = this.#server;
    const newest = await reader.listRuns({ limit: SHOWN });
    const unfinished = await reader.listRuns({ states: ["queued", "running"], limit: LOOKED_AT });
    for (const run of [...unfinished, ...newest]) {
      const facts = summaryFacts(run);
      if (this.#told.get(run.id) !== facts) this.#say(run.id, facts, runDocument(run, run.version));
    }
    const there = new Set(newest.map(({ id }) => id));
    const oldest = newest.length < SHOWN ? "" : newest.at(-1)!.id;
    for (const id of this.#told.keys()) if (id >= oldest && !there.has(id)) this.#waiting.add(id);
  }

  #say(id: string, facts: string, run: ReturnType<typeof runDocument>): void {
    if (this.#told.get(id) === facts) return;
    this.#remember(id, facts);
    this.#tell({ run }, run.workflow);
  }

  #remember(id: string, facts: string): void {
    this.#told.delete(id);
    this.#told.set(id, facts);
    if (this.#told.size > REMEMBERED) this.#told.delete(this.#told.keys().next().value!);
  }
}

const summaryFacts = ({
  state,
  generation,
  counts,
  cancelRequested,
}: RunSummary | ReturnType<typeof summaryOf>): string => JSON.stringify([state, generation, cancelRequested, counts]);

const summaryOf = ({ run, counts }: RunHead) => ({ ...run, counts });
const factsOf = (head: RunHead): string => summaryFacts(summaryOf(head));

export const hashOf = async ({ run }: RunHead, catalog: Catalog): Promise<string> =>
  (await catalog.version(run.versionId))?.hash ?? "";
