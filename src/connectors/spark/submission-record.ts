import { randomUUID } from "node:crypto";
import type { Context } from "../../authoring/context.ts";
import { fingerprint, type JobSpec } from "./spark-job.ts";
import type { Submission } from "./spark-cluster.ts";

/** What is kept of a submission in `ctx.state`, so that another attempt finds the application. No arguments: they may hold secrets. */
export interface SubmissionRecord {
  readonly key: string;
  readonly master: string;
  readonly fingerprint: string;
  readonly uiPort: number;
  /** `null`: it was being handed over. */
  readonly id: string | null;
}

/** How many submissions each attempt has begun: the second of a body is another than the first, also in the next attempt. */
const begun = new WeakMap<Context, number>();

/** Ports that an application may be told to take: below those that systems hand out by themselves. */
const UI_PORTS = { from: 20_000, count: 10_000 } as const;

/** The place in `ctx.state` of one submission of a task's body. */
export class SubmissionDrawer {
  readonly #ctx: Context;
  readonly #key: string;

  constructor(ctx: Context) {
    const place = (begun.get(ctx) ?? 0) + 1;
    begun.set(ctx, place);
    this.#ctx = ctx;
    this.#key = `spark.${place}`;
  }

  async read(): Promise<SubmissionRecord | null> {
    return (await this.#ctx.state.get<SubmissionRecord>(this.#key)) ?? null;
  }

  /** Durable before the application is handed over. */
  async begin(spec: JobSpec, master: string): Promise<{ submission: Submission; record: SubmissionRecord }> {
    const uiPort = Number(spec.conf["spark.ui.port"] ?? UI_PORTS.from + Math.floor(Math.random() * UI_PORTS.count));
    const key = randomUUID();
    const record = { key, master, fingerprint: fingerprint(spec, master), uiPort, id: null };
    await this.#ctx.state.set(this.#key, record);
    return { submission: { key, spec, uiPort }, record };
  }

  async submitted(record: SubmissionRecord, id: string): Promise<SubmissionRecord> {
    const known = { ...record, id };
    await this.#ctx.state.set(this.#key, known);
    return known;
  }

  /** The next attempt begins anew. */
  async forget(): Promise<void> {
    await this.#ctx.state.set(this.#key, undefined);
  }
}
