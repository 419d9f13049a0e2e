import { type AlertKind, receiversOf } from "../../src/core/alert-plan.ts";
import type { ErrorData } from "../../src/core/errors.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import { isEndedRun } from "../../src/core/run-state.ts";
import { AlertService } from "../../src/engine/alerts/alert-service.ts";
import type { AlertCall } from "../../src/runtime/protocol.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { Dice } from "./dice.ts";
import type { Commit } from "./invariant.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { World } from "./world.ts";

/** What must hold of alerts, beside the invariants that look at runs. */
export const ALERT_FACTS = {
  told: "whatever somebody wants to be told is told, and nothing else",
  once: "an alert is told once, unless whoever told it died or could not record it",
  over: "what is recorded as delivered is not told again",
} as const;

const KINDS: readonly AlertKind[] = ["failed", "retry", "succeeded", "skipped"];
const RETRY_AFTER_MS = [500, 2_000, 4_000, 8_000];

/** What is wanted of one receiver: about this task, or the run, of this run. */
const keyOf = (runId: string, handler: string, task: string | null, event: string): string =>
  `${runId} ${handler} ${task ?? ""} ${event}`;

/**
 * Workflows of a world tell somebody what happens to them, and whoever is told answers late, not at all, or with an error. It has dice of
 * its own: a world without alerts stays the one that its seed says.
 */
export class SimAlerts {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #fails: number;
  readonly #hangs: number;
  /** How many task runs, or ends of runs, each receiver is to be told of. */
  readonly #wanted = new Map<string, number>();
  /** How often each alert was told, and by whom. */
  readonly #told = new Map<number, { count: number; readonly by: Set<SimEngine> }>();
  /** Told, and perhaps not recorded: it may be told once more. */
  readonly #unsure = new Set<number>();
  readonly #over = new Set<number>();

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 2_000_003);
    this.#fails = this.#dice.pick([0, 0.2, 0.5]);
    this.#hangs = this.#dice.pick([0, 0, 0.1]);
  }

  /** The same workflow, with somebody who wants to know. */
  alerted(manifest: WorkflowManifest): WorkflowManifest {
    return {
      ...manifest,
      alerts: this.#plan(),
      tasks: manifest.tasks.map((task) => ({ ...task, alerts: this.#plan() })),
    };
  }

  service(engine: SimEngine): AlertService {
    const { clock, database } = this.#world;
    return new AlertService({
      store: engine.store,
      clock: clock.engineClock(engine),
      tell: (call) => engine.host.tell(call),
      codeFile: async () => "",
      config: { receivers: ["ops"], code: async () => ({ hash: "", file: "" }) },
      lines: async () => [],
      publicUrl: null,
      notice: (text) => this.#world.note(engine.name, text),
      retryAfterMs: RETRY_AFTER_MS,
      ...(database && { lookEveryMs: 5_000 }),
    });
  }

  /** A receiver is told by an engine: it may be slow, refuse, or never answer. */
  tell(engine: SimEngine, { alert }: AlertCall): Promise<ErrorData | null> {
    const { clock, plan } = this.#world;
    const id = Number(alert.id.split("-").at(-1));
    return new Promise((resolve) => {
      clock.after(this.#dice.between(0, 1_500), engine, `alert ${id} reaches its receiver`, () => {
        if (this.#over.has(id)) this.#fail("over", `alert ${id} was told by ${engine.name}, and was over`);
        const hangs = !plan.calm && this.#dice.chance(this.#hangs);
        if (!hangs && !plan.calm && this.#dice.chance(this.#fails)) return resolve(REFUSED);
        const told = this.#told.get(id) ?? { count: 0, by: new Set() };
        this.#told.set(id, told);
        told.count++;
        // Whoever told it before must have died, or not have been able to say so.
        const excused = this.#unsure.has(id) || [...told.by].some((before) => !before.alive || before.closing);
        if (told.count > 1 && !excused && !this.#isUnsure)
          this.#fail("once", `alert ${id} was told again by ${engine.name}`);
        told.by.add(engine);
        if (hangs) this.#unsure.add(id);
        else resolve(null);
      });
    });
  }

  recorded(id: number): void {
    this.#over.add(id);
  }

  /** What a commit brings about, and who wants to know of it. */
  committed({ group, result, before, after }: Commit): void {
    if (!result.applied || !after) return;
    const { recorded } = this.#world;
    const { record } = recorded.version(group.runId);
    const place = (taskId: number): number => record.taskIds.indexOf(taskId);
    const byUser = before !== null && isEndedRun(before.run.state);
    for (const insert of group.inserts) this.#event(group.runId, place(insert.taskId), insert.state, 1);
    for (const change of group.changes) {
      const task = recorded.placeOf(change.id);
      if (change.kind === "finish") this.#event(group.runId, task, change.state, 1);
      else if (change.kind === "retry") this.#event(group.runId, task, "retry", 1);
      // A group that is tried again takes its failed tasks with it.
      else if (change.kind === "reopen" && change.from === "failed" && !byUser)
        this.#event(group.runId, task, "retry", 1);
      else if (change.kind === "decide") this.#event(group.runId, task, change.to, 1);
    }
    const { state, generation } = after.run;
    // A run that is retried may end at once, as it did before.
    if ((state === before?.run.state && generation === before.run.generation) || !isEndedRun(state)) return;
    for (const { handler } of receiversOf(record.manifest.alerts, state === "failed" ? "failed" : "succeeded", null))
      if (state !== "cancelled") this.#want(group.runId, handler, null, state, 1);
  }

  /** What there is still to tell. */
  get busy(): string[] {
    return this.#world.connection.all<{ id: number }>(OPEN).map(({ id }) => `alert ${id} is to be told`);
  }

  async atTheEnd(store: SqliteStore): Promise<void> {
    const rows = await store.reader().listAlerts({ limit: 100_000 });
    const counts = new Map<string, number>();
    for (const { runId, handler, task, event, count, undelivered } of rows)
      if (undelivered === null) add(counts, keyOf(runId ?? "", handler, task, event), count);
    for (const [key, wanted] of this.#wanted)
      if (counts.get(key) !== wanted)
        this.#fail("told", `${key}: ${wanted} happened, ${counts.get(key) ?? 0} were recorded`);
    for (const key of counts.keys())
      if (!this.#wanted.has(key) && !this.#ofGroup(key)) this.#fail("told", `${key} never happened`);
    for (const row of rows) {
      if (row.state === "delivered" && !this.#told.has(row.id))
        this.#fail("told", `alert ${row.id} is recorded as told, and was not`);
      const instead = rows.some(
        ({ undelivered, runId, event, task }) =>
          undelivered?.to === row.receiver && runId === row.runId && event === row.event && task === row.task,
      );
      if (row.state === "failed" && !row.handler.startsWith("config") && !instead)
        this.#fail("told", `alert ${row.id} has failed, and nobody was told instead`);
    }
  }

  /** A store that could not be told is asked again, and an alert may be told again then. */
  get #isUnsure(): boolean {
    const { plan } = this.#world;
    return /writeOutlivesEngine|storeRefusesForGood|standsStill|isCutOff|storeIsSlow|storeFails/.test(String(plan));
  }

  #plan(): NonNullable<WorkflowManifest["alerts"]> {
    return Object.fromEntries(KINDS.flatMap((kind) => (this.#dice.chance(0.6) ? [[kind, ["somebody"]]] : [])));
  }

  #event(runId: string, task: number, event: string, count: number): void {
    const kind = KINDS.find((known) => known === event);
    const { record, graph } = this.#world.recorded.version(runId);
    const found = record.manifest.tasks[task];
    if (!kind || !found) return;
    // What a group with retries makes of it is known later than this row.
    if (kind === "failed" && (graph.tasks[task]?.retryGroups.length ?? 0) > 0) return;
    for (const { handler } of receiversOf(found.alerts, kind, task))
      this.#want(runId, handler, found.name, kind, count);
    if (kind === "retry" || kind === "skipped")
      for (const { handler } of receiversOf(record.manifest.alerts, kind, null))
        this.#want(runId, handler, found.name, kind, count);
  }

  #want(runId: string, handler: string, task: string | null, event: string, count: number): void {
    add(this.#wanted, keyOf(runId, handler, task, event), count);
  }

  /** Of a task in a group with retries: how its failures are told is looked at where groups are tested. */
  #ofGroup(key: string): boolean {
    const [runId = "", handler = ""] = key.split(" ");
    const task = Number(handler.split(".")[0]);
    const { graph } = this.#world.recorded.version(runId);
    return key.endsWith(" failed") && (graph.tasks[task]?.retryGroups.length ?? 0) > 0;
  }

  #fail(fact: keyof typeof ALERT_FACTS, what: string): void {
    this.#world.fail(ALERT_FACTS[fact], what);
  }
}

const add = (counts: Map<string, number>, key: string, count: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + count);

const OPEN = {
  statement: { name: "simOpenAlerts", text: "select id from alert where state = 'waiting' or state = 'trying'" },
  values: [],
};

const REFUSED: ErrorData = { name: "Error", message: "the receiver is down" };
