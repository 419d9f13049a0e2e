import type { Catalogued } from "../catalog.ts";
import { workflowDocument } from "../routes/workflows.ts";
import type { ServerContext } from "../server-context.ts";
import type { TopicSource } from "./topic-source.ts";

const NOBODY_LIMITED = { tags: null };
/** Every ended run changes a workflow: they are looked at no more often than this. */
const REST_MS = 500;

/** The topic `workflows`: each as it is now, whenever it is deployed, paused, or a run of it changes. */
export class WorkflowsSource implements TopicSource {
  readonly #server: Pick<ServerContext, "reader" | "catalog" | "loadProblems">;
  readonly #tell: (data: object, workflow: string | null) => void;
  readonly #told = new Map<string, string>();
  #problems = "[]";
  #notBefore = 0;

  constructor(
    server: Pick<ServerContext, "reader" | "catalog" | "loadProblems">,
    tell: (data: object, workflow: string | null) => void,
  ) {
    this.#server = server;
    this.#tell = tell;
  }

  async snapshot(): Promise<object> {
    const workflows = await this.#read();
    if (this.#told.size === 0) for (const each of workflows) this.#told.set(each.name, factsOf(each));
    return { topic: "workflows", workflows };
  }

  async look(changed: ReadonlySet<string>): Promise<void> {
    if (changed.size === 0 || performance.now() < this.#notBefore) return;
    this.#notBefore = performance.now() + REST_MS;
    for (const workflow of await this.#read()) {
      const facts = factsOf(workflow);
      if (this.#told.get(workflow.name) === facts) continue;
      this.#told.set(workflow.name, facts);
      this.#tell({ workflow }, workflow.name);
    }
    const problems = JSON.stringify(this.#server.loadProblems());
    if (problems !== this.#problems) this.#tell({ loadErrors: JSON.parse(problems) as object }, null);
    this.#problems = problems;
  }

  close(): void {}

  async #read(): Promise<ReturnType<typeof workflowDocument>[]> {
    const { reader, catalog } = this.#server;
    const records = Map.groupBy(await reader.listSchedules(), ({ workflow }) => workflow);
    return (await catalog.list(NOBODY_LIMITED)).map((each: Catalogued) =>
      workflowDocument(each, records.get(each.summary.name) ?? []),
    );
  }
}

/** When it fires next moves by itself. */
const factsOf = ({ nextRun: _nextRun, ...facts }: ReturnType<typeof workflowDocument>): string => JSON.stringify(facts);
