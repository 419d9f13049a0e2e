import type { ErrorData } from "../core/errors.ts";
import type {
  AbortReason,
  AlertCall,
  Assignment,
  Finished,
  LogLine,
  ParsedParams,
  RunInfo,
  TriggerAnswer,
  TriggerQuestion,
  VersionInfo,
} from "../runtime/protocol.ts";
import type { Claim } from "./dispatcher.ts";
import type { HostListener, WorkerHost } from "./worker-host.ts";

/**
 * One worker host for two who give it work: the scheduler of this process, which claims for it, and the part that claims
 * what schedulers elsewhere offer. A slot is whoever's takes it first; what one has started, the other may take over.
 */
export class SharedHost {
  readonly scheduled: WorkerHost;
  readonly offered: WorkerHost;
  readonly #scheduled: Tenant;
  readonly #offered: Tenant;
  readonly #runs: OpenRuns;

  constructor(host: WorkerHost) {
    const runs = new OpenRuns(host);
    this.#runs = runs;
    const closing = new Set<Tenant>();
    const close = async (tenant: Tenant, graceMs: number): Promise<void> => {
      closing.add(tenant);
      if (closing.size === 2) return host.close(graceMs);
      await tenant.emptied(graceMs);
    };
    this.#scheduled = new Tenant(host.name, host, runs, () => this.#offered.taken, close);
    this.#offered = new Tenant(offersName(host.name), host, runs, () => this.#scheduled.taken, close);
    this.scheduled = this.#scheduled;
    this.offered = this.#offered;
    host.listen({
      started: (taskRunId, claim, at) => this.#of(taskRunId, claim).listener.started(taskRunId, claim, at),
      finished: (result) => this.#of(result.taskRunId, result.claim).finished(result),
      lost: (taskRunId, claim, why) => this.#of(taskRunId, claim).lost(taskRunId, claim, why),
      progress: (taskRunId, claim, ...rest) => this.#of(taskRunId, claim).listener.progress(taskRunId, claim, ...rest),
      log: (line) => this.#of(line.taskRunId, line.claim).listener.log(line),
      // Whoever holds the run: of the other it is no business.
      wake: (runId, taskRunId, claim) => this.#scheduled.listener.wake(runId, taskRunId, claim),
      drawer: (taskRunId, claim, ...rest) => this.#of(taskRunId, claim).listener.drawer(taskRunId, claim, ...rest),
    });
  }

  /** What the scheduler has started goes on as if it had been claimed from an offer. Answers which of these that are. */
  handOver(claims: readonly Claim[]): readonly Claim[] {
    const started = claims.filter((claim) => this.#scheduled.release(claim));
    for (const claim of started) {
      this.#runs.openAlso(this.#offered, claim.runId);
      this.#offered.adopt(claim);
    }
    return started;
  }

  #of(taskRunId: number, claim: number): Tenant {
    return this.#offered.has(taskRunId, claim) ? this.#offered : this.#scheduled;
  }
}

/** As a worker of its own, so that nobody takes what one of them runs for the other's. */
export const offersName = (worker: string): string => `${worker}.offers`;

/** One of the two, as a worker host. */
class Tenant implements WorkerHost {
  readonly name: string;
  readonly #host: WorkerHost;
  readonly #runs: OpenRuns;
  readonly #othersTake: () => number;
  readonly #close: (tenant: Tenant, graceMs: number) => Promise<void>;
  readonly #running = new Map<string, string>();
  #listener: HostListener | null = null;
  #reserved = 0;
  #empty: () => void = () => {};

  constructor(
    name: string,
    host: WorkerHost,
    runs: OpenRuns,
    othersTake: () => number,
    close: (tenant: Tenant, graceMs: number) => Promise<void>,
  ) {
    this.name = name;
    this.#host = host;
    this.#runs = runs;
    this.#othersTake = othersTake;
    this.#close = close;
  }

  /** Slots that are not the other's. */
  get taken(): number {
    return this.#running.size + this.#reserved;
  }

  get processes(): number {
    return this.#host.processes ?? 1;
  }

  get slots(): number {
    return Math.max(0, this.#host.slots - this.#othersTake());
  }

  get listener(): HostListener {
    if (!this.#listener) throw new Error(`nobody listens to worker host "${this.name}"`);
    return this.#listener;
  }

  reserve(slots: number): () => void {
    this.#reserved += slots;
    return () => {
      this.#reserved -= slots;
      slots = 0;
    };
  }

  has(taskRunId: number, claim: number): boolean {
    return this.#running.has(keyOf(taskRunId, claim));
  }

  listen(listener: HostListener): void {
    this.#listener = listener;
  }

  openRun(run: RunInfo): void {
    this.#runs.open(this, run);
  }

  forgetRun(runId: string): void {
    this.#runs.forget(this, runId);
  }

  share(runId: string, key: string, text: string): void {
    this.#host.share(runId, key, text);
  }

  start(tasks: readonly Assignment[]): void {
    for (const { taskRunId, claim, runId } of tasks) this.#running.set(keyOf(taskRunId, claim), runId);
    this.#host.start(tasks);
  }

  abort(taskRunId: number, claim: number, reason: AbortReason): void {
    this.#host.abort(taskRunId, claim, reason);
  }

  parseParams(version: VersionInfo, input: string | null): Promise<ParsedParams> {
    return this.#host.parseParams(version, input);
  }

  tell(call: AlertCall): Promise<ErrorData | null> {
    return this.#host.tell(call);
  }

  askTrigger(version: VersionInfo, question: TriggerQuestion): Promise<TriggerAnswer> {
    return this.#host.askTrigger(version, question);
  }

  close(graceMs: number): Promise<void> {
    return this.#close(this, graceMs);
  }

  /** When nothing of it runs any more; what still does after `graceMs` is stopped. */
  async emptied(graceMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    const empty = new Promise<void>((resolve) => (this.#empty = resolve));
    const timer = setTimeout(() => {
      for (const key of this.#running.keys()) this.abort(...claimOf(key), "shutdown");
    }, graceMs);
    await empty;
    clearTimeout(timer);
  }

  finished(result: Finished): void {
    this.#ended(result.taskRunId, result.claim);
    this.listener.finished(result);
  }

  lost(taskRunId: number, claim: number, why: ErrorData): void {
    this.#ended(taskRunId, claim);
    this.listener.lost(taskRunId, claim, why);
  }

  log(line: LogLine): void {
    this.listener.log(line);
  }

  release({ taskRunId, claim }: Claim): boolean {
    return this.#ended(taskRunId, claim);
  }

  adopt({ runId, taskRunId, claim }: Claim): void {
    this.#running.set(keyOf(taskRunId, claim), runId);
  }

  #ended(taskRunId: number, claim: number): boolean {
    const known = this.#running.delete(keyOf(taskRunId, claim));
    if (this.#running.size === 0) this.#empty();
    return known;
  }
}

/** A run is open at the host while one of the two has it open. */
class OpenRuns {
  readonly #host: WorkerHost;
  readonly #openedBy = new Map<string, Set<Tenant>>();
  /** What the host knows: opening a run again there would drop what it shares. */
  readonly #generations = new Map<string, number>();

  constructor(host: WorkerHost) {
    this.#host = host;
  }

  open(tenant: Tenant, run: RunInfo): void {
    const { runId, generation } = run;
    this.openAlso(tenant, runId);
    if (this.#generations.get(runId) === generation) return;
    this.#generations.set(runId, generation);
    this.#host.openRun(run);
  }

  openAlso(tenant: Tenant, runId: string): void {
    const by = this.#openedBy.get(runId) ?? new Set();
    this.#openedBy.set(runId, by.add(tenant));
  }

  forget(tenant: Tenant, runId: string): void {
    const by = this.#openedBy.get(runId);
    if (!by?.delete(tenant) || by.size > 0) return;
    this.#openedBy.delete(runId);
    this.#generations.delete(runId);
    this.#host.forgetRun(runId);
  }
}

const keyOf = (taskRunId: number, claim: number): string => `${taskRunId}/${claim}`;
const claimOf = (key: string): [number, number] => key.split("/").map(Number) as [number, number];
