import { ask, askJson, type Asking, parsed } from "./web.ts";

/** Of Spark's REST API, what we read. */
export interface UiJob {
  readonly jobId: number;
  readonly name: string;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "UNKNOWN";
  readonly numTasks: number;
  readonly numCompletedTasks: number;
  readonly numSkippedTasks: number;
}

export interface UiStage {
  readonly stageId: number;
  readonly attemptId: number;
  readonly name: string;
  readonly status: "ACTIVE" | "COMPLETE" | "FAILED" | "PENDING" | "SKIPPED";
  readonly numTasks: number;
  readonly numCompleteTasks: number;
  readonly failureReason?: string;
}

export interface UiSnapshot {
  readonly applicationId: string;
  readonly jobs: readonly UiJob[];
  readonly active: readonly UiStage[];
  readonly failed: readonly UiStage[];
}

/** Spark takes the next port when one is in use, as often as `spark.port.maxRetries` says. */
const PORT_TRIES = 16;

/** The property by which an application is known as ours: its value is another for each submission. */
export const SUBMISSION_PROPERTY = "spark.tutti.submission";

/** The addresses of a driver on `host` that was told to take `port`. */
export const portsFrom = (host: string, port: number): string[] =>
  Array.from({ length: PORT_TRIES }, (_, more) => `http://${host}:${port + more}`);

/** The REST API of one driver. It may not be there yet, be there no more, or be out of reach: then there is nothing to see, and that is no error. */
export class SparkUi {
  readonly #bases: readonly string[];
  readonly #submission: string;
  #found: { readonly base: string; readonly applicationId: string } | null = null;

  /** `bases`: addresses under which `/api/v1` may stand. */
  constructor(bases: readonly string[], submission: string) {
    this.#bases = bases;
    this.#submission = submission;
  }

  async look(asking: Asking): Promise<UiSnapshot | null> {
    try {
      this.#found ??= await this.#find(asking);
      if (this.#found === null) return null;
      const { base, applicationId } = this.#found;
      const api = `${base}/api/v1/applications/${encodeURIComponent(applicationId)}`;
      const [jobs, active, failed] = await Promise.all([
        askJson<UiJob[]>(`${api}/jobs`, asking),
        askJson<UiStage[]>(`${api}/stages?status=active`, asking),
        askJson<UiStage[]>(`${api}/stages?status=failed`, asking),
      ]);
      return { applicationId, jobs: jobs ?? [], active: active ?? [], failed: failed ?? [] };
    } catch {
      asking.signal?.throwIfAborted();
      return null;
    }
  }

  /** Other drivers on the same machine have ports beside this one's. */
  async #find(asking: Asking): Promise<{ base: string; applicationId: string } | null> {
    for (const base of this.#bases) {
      const { status, text } = await ask(`${base}/api/v1/applications`, asking);
      const applications = status === 200 ? parsed<{ id: string }[]>(text) : undefined;
      for (const { id } of applications ?? [])
        if (await this.#isOurs(base, id, asking)) return { base, applicationId: id };
    }
    return null;
  }

  async #isOurs(base: string, id: string, asking: Asking): Promise<boolean> {
    const environment = await askJson<{ sparkProperties?: [string, string][] }>(
      `${base}/api/v1/applications/${encodeURIComponent(id)}/environment`,
      asking,
    );
    const properties = environment?.sparkProperties ?? [];
    return properties.some(([key, value]) => key === SUBMISSION_PROPERTY && value === this.#submission);
  }
}
