import { readFile } from "node:fs/promises";

/** One model, test, seed or snapshot of an invocation. */
export interface DbtNode {
  /** `model.shop.daily`. */
  readonly id: string;
  /** `model`, `test`, `seed`, `snapshot` … */
  readonly kind: string;
  /** `success`, `pass`, `warn`, `fail`, `error`, `skipped` … as dbt says it. */
  readonly status: string;
  readonly seconds: number;
  /** The database's, or why it failed; `null`: none. */
  readonly message: string | null;
  /** Of a test, the rows that it found; else `null`. */
  readonly failures: number | null;
  /** Where the adapter says it; else `null`. */
  readonly rowsAffected: number | null;
  /** The table or view that it made; `null` for what makes none. */
  readonly relation: string | null;
}

const BAD = new Set(["error", "fail", "runtime error", "partial success"]);

export const hasFailed = ({ status }: DbtNode): boolean => BAD.has(status);

/** What `run_results.json` says; `null` when there is none that can be read, as after a wrong option or a kill. */
export async function readResults(file: string): Promise<readonly DbtNode[] | null> {
  try {
    const { results } = JSON.parse(await readFile(file, "utf8")) as { readonly results?: unknown };
    return Array.isArray(results) ? results.map((result) => nodeOf(result as RawResult)) : null;
  } catch {
    return null;
  }
}

/** What all releases of dbt-core 1 have in common. */
interface RawResult {
  readonly unique_id?: string;
  readonly status?: string;
  readonly execution_time?: number;
  readonly message?: string | null;
  readonly failures?: number | null;
  readonly relation_name?: string | null;
  readonly adapter_response?: { readonly rows_affected?: number | null } | null;
}

const nodeOf = (raw: RawResult): DbtNode => ({
  id: raw.unique_id ?? "",
  kind: raw.unique_id?.split(".")[0] ?? "",
  status: raw.status ?? "",
  seconds: raw.execution_time ?? 0,
  message: raw.message ?? null,
  failures: raw.failures ?? null,
  rowsAffected: raw.adapter_response?.rows_affected ?? null,
  relation: raw.relation_name ?? null,
});
