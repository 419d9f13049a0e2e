import type { Align, Edge } from "./graph.ts";
import type { Source, TaskManifest, WorkflowManifest } from "./manifest.ts";
import { enclosing, outputs } from "./source.ts";

const ALL: Align = { kind: "all" };
const SAME: Align = { kind: "same" };

/** Turns the sources of one task into edges; a source read twice is one edge. */
export class EdgeCollector {
  readonly soft: Edge[] = [];
  readonly choices: Edge[][] = [];
  readonly #counted = new Map<string, Edge>();
  readonly #manifest: WorkflowManifest;
  readonly #each: number | null;
  readonly #around: readonly number[];

  constructor(manifest: WorkflowManifest, each: number | null, around: readonly number[]) {
    this.#manifest = manifest;
    this.#each = each;
    this.#around = around;
  }

  read(source: Source, align: Align): void {
    switch (source.kind) {
      case "output":
        return this.#count(this.#edge(source.task, true, align));
      case "maybe":
        return void this.soft.push(...outputs(source.of).map((from) => this.#edge(from, false, align)));
      case "settled":
        return void this.soft.push(this.#edge(source.task, false, align));
      case "firstOf":
        return void this.choices.push(
          source.of.flatMap((of) => outputs(of).map((from) => this.#edge(from, false, align))),
        );
      case "pick":
        return this.read(source.of, align);
      case "object":
        return Object.values(source.fields).forEach((field) => this.read(field, align));
      case "list":
        return source.items.forEach((item) => this.read(item, align));
      default:
        return;
    }
  }

  /** `uses`: whoever comes after what sets something up needs that to be there. */
  order(from: number, uses: boolean): void {
    this.#count(this.#edge(from, uses && this.#manifest.tasks[from]?.kind === "setup", ALL));
  }

  branch(from: number): Edge {
    return this.#edge(from, false, ALL);
  }

  list(from: number): Edge {
    return this.#edge(from, false, ALL);
  }

  /** One edge per source: data of the whole wins over data of an element, and that over mere order. */
  counted(): Edge[] {
    const strength = (edge: Edge): number =>
      (edge.plain ? 2 : 0) + (edge.plain === (edge.align.kind === "all") ? 1 : 0);
    const byTask = new Map<number, Edge>();
    for (const edge of this.#counted.values()) {
      const known = byTask.get(edge.from);
      if (!known || strength(edge) > strength(known)) byTask.set(edge.from, edge);
    }
    return [...byTask.values()];
  }

  #count(edge: Edge): void {
    const key = `${edge.from}:${JSON.stringify(edge.align)}`;
    const known = this.#counted.get(key);
    this.#counted.set(key, known ? { ...known, plain: known.plain || edge.plain } : edge);
  }

  #edge(from: number, plain: boolean, align: Align): Edge {
    const source = this.#manifest.tasks[from] as TaskManifest;
    const around = enclosing(this.#manifest, source.group);
    const sameEach = this.#each !== null && around.includes(this.#each);
    const hold = around.filter((g) => this.#manifest.groups[g]?.retries && !this.#around.includes(g)).at(-1) ?? null;
    return { from, plain, uses: source.kind === "setup", align: sameEach ? SAME : align, hold };
  }
}
