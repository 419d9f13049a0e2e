import type { Context } from "../../authoring/context.ts";
import { readableLine } from "../shell/readable-line.ts";

/** One line of `--log-format json`, as much of it as is used. */
interface DbtEvent {
  readonly info?: { readonly level?: string; readonly msg?: string };
  readonly data?: {
    readonly node_info?: { readonly node_status?: string; readonly unique_id?: string };
    readonly index?: number;
    readonly total?: number;
    readonly num_models?: number;
  };
}

const LEVELS = { debug: "debug", info: "info", warn: "warn", error: "error" } as const;
const UNFINISHED = new Set(["started", "compiling", "executing", "none", ""]);
const KEPT = 20;

/** dbt's own log as the task's: its levels, and how many of its nodes are done. */
export class DbtLog {
  readonly #ctx: Pick<Context, "log" | "progress">;
  readonly #finished = new Set<string>();
  readonly #errors: string[] = [];

  constructor(ctx: Pick<Context, "log" | "progress">) {
    this.#ctx = ctx;
  }

  /** The last errors that it told, for what has no results. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  /** `false`: the line is none of dbt's log. */
  take(line: string): boolean {
    const event = eventOf(line);
    if (event?.info === undefined) return false;
    const level = LEVELS[event.info.level as keyof typeof LEVELS] ?? "info";
    for (const text of (event.info.msg ?? "").split("\n")) if (text.trim() !== "") this.#say(level, readableLine(text));
    this.#count(event.data ?? {});
    return true;
  }

  #say(level: (typeof LEVELS)[keyof typeof LEVELS], text: string): void {
    this.#ctx.log[level](text);
    if (level !== "error") return;
    this.#errors.push(text);
    if (this.#errors.length > KEPT) this.#errors.shift();
  }

  #count({ node_info: node, index, total, num_models: models }: NonNullable<DbtEvent["data"]>): void {
    const all = total ?? models;
    if (index === undefined || all === undefined || node?.unique_id === undefined) return;
    if (UNFINISHED.has((node.node_status ?? "").toLowerCase()) || this.#finished.has(node.unique_id)) return;
    this.#finished.add(node.unique_id);
    this.#ctx.progress(this.#finished.size, all, node.unique_id);
  }
}

function eventOf(line: string): DbtEvent | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as DbtEvent;
  } catch {
    return null;
  }
}
