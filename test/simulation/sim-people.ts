import { APPROVAL_EVENT, type ApprovalAnswer, type ApprovalAsk, approvalUid } from "../../src/core/approval.ts";
import { addMs, type Instant } from "../../src/core/clock.ts";
import { toErrorData } from "../../src/core/error-data.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import { NEVER, type StepEntry } from "../../src/core/wait.ts";
import { answerApproval } from "../../src/owner/answer-approval.ts";
import type { EmitRequest } from "../../src/owner/run-session.ts";
import type { Assignment, EmittedSince, Outcome } from "../../src/runtime/protocol.ts";
import { Dice } from "./dice.ts";
import type { Commit, Invariant } from "./invariant.ts";
import type { SimAsk, SimBody } from "./sim-body.ts";
import type { World } from "./world.ts";

export const PEOPLE_FACTS = {
  back: "a task run that asks people comes back with an answer or when its time is over, and not before",
  first: "whoever asks people hears the first answer, and nobody else is told that theirs counts",
  open: "what a task run waits for people with can be answered",
} as const;

/** The first line that an asking task records. */
interface Asked {
  readonly id: string;
  readonly mark: string;
  /** `null`: it waits as long as it takes. */
  readonly dueAt: Instant | null;
}

/** Whoever answered in the last moment is still heard. */
const GRACE_MS = 2_000;
const OVER = new Set(["APPROVAL_ANSWERED", "APPROVAL_OVER", "APPROVAL_NOT_FOUND"]);

/**
 * Tasks of a world that ask people, and people who answer: late, at the same time, and again until somebody tells them what became of it.
 * They have dice of their own.
 */
export class SimPeople implements Invariant, SimBody {
  readonly fact = PEOPLE_FACTS.back;
  readonly #world: World;
  readonly #dice: Dice;
  /** Tasks that ask, by workflow and place. */
  readonly #asking = new Set<string>();
  /** By approval: how many people are at it. */
  readonly #pending = new Map<string, number>();
  /** Who gave the answer that counts, as somebody was told or has heard. */
  readonly #counted = new Map<string, string>();
  #names = 0;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 4_000_037);
  }

  /** Some tasks of this workflow ask. */
  choose({ name, tasks }: WorkflowManifest): void {
    for (const place of tasks.keys()) if (this.#dice.chance(0.5)) this.#asking.add(`${name} ${place}`);
  }

  asks({ runId, task }: Assignment): boolean {
    return this.#asking.has(`${this.#world.recorded.version(runId).record.workflow} ${task}`);
  }

  async next(
    { taskRunId, claim }: Assignment,
    [line]: readonly string[],
    ask: SimAsk,
    now: Instant,
  ): Promise<Outcome | null> {
    if (line === undefined) {
      const { mark } = await ask<EmittedSince>("events", { name: APPROVAL_EVENT, after: null });
      // By clocks that are ten minutes apart such a wait is long: when the world comes to rest, each that follows another would be.
      const isTimed = this.#dice.chance(0.5) && !this.#world.plan.calm;
      const dueAt = isTimed ? addMs(now, Math.round(this.#dice.between(500, 20_000))) : null;
      const asked: Asked = { id: `${taskRunId}-${claim.toString(16).padStart(6, "0")}`, mark, dueAt };
      return this.#waits(asked, mark, [{ key: "000000", value: JSON.stringify(asked) }], { taskRunId, claim });
    }
    const asked = JSON.parse(line) as Asked;
    const said = await ask<EmittedSince>("events", { name: APPROVAL_EVENT, after: asked.mark });
    const answers = said.events.map(({ payload }) => payload as ApprovalAnswer);
    const answer = answers.find(({ approval }) => approval === asked.id);
    if (answer) this.#counts(asked.id, answer.by);
    const isOver = asked.dueAt !== null && addMs(asked.dueAt, GRACE_MS) <= now;
    return answer || isOver ? null : this.#waits(asked, said.mark, [], { taskRunId, claim });
  }

  #waits(
    { id, dueAt }: Asked,
    after: string,
    steps: readonly StepEntry[],
    { taskRunId, claim }: Pick<Assignment, "taskRunId" | "claim">,
  ): Outcome {
    this.#world.steps.said(taskRunId, claim, steps);
    const approval: ApprovalAsk = {
      id,
      title: "go on?",
      description: null,
      form: null,
      hasForm: false,
      by: null,
      askedAt: this.#world.clock.now,
      dueAt,
      onTimeout: "reject",
    };
    const events = [{ name: APPROVAL_EVENT, after, fields: { approval: id } }];
    const until = { dueAt: dueAt === null ? NEVER : addMs(dueAt, GRACE_MS), events, approvals: [approval] };
    return { state: "deferred", until: { kind: "approval", ...until }, steps };
  }

  *committed({ group, result, before }: Commit): Iterable<string> {
    if (!result.applied) return;
    for (const change of group.changes) {
      if (change.kind === "defer") for (const { id } of change.wait.approvals ?? []) this.#callPeople(id);
      const wait = before?.taskRuns.get(change.id)?.wait;
      if (change.kind !== "requeue" || change.from !== "deferred" || !wait?.approvals) continue;
      const [{ id } = { id: "" }] = wait.approvals;
      if (change.at < wait.dueAt && this.#answerTo(id) === null)
        yield `task run ${change.id} comes back at ${change.at}, waits until ${wait.dueAt}, and nobody has answered`;
    }
  }

  /** What there is still to do. */
  get busy(): string[] {
    return [...this.#pending.keys()].map((id) => `somebody answers ${id}`);
  }

  #callPeople(id: string): void {
    if (this.#pending.has(id)) return;
    const people = this.#dice.pick([1, 1, 2]);
    this.#pending.set(id, people);
    for (let person = 0; person < people; person++) {
      const [name, approved] = [`person ${++this.#names}`, this.#dice.chance(0.5)];
      this.#later(this.#dice.between(0, 15_000), id, name, approved);
    }
  }

  #later(ms: number, id: string, name: string, approved: boolean): void {
    const { clock, user } = this.#world;
    clock.after(ms, user, `${name} answers ${id}`, () => this.#answer(id, name, approved));
  }

  /** Until somebody says what became of it. */
  #answer(id: string, name: string, approved: boolean): void {
    const { engine } = this.#world;
    const again = (): void => this.#later(400, id, name, approved);
    if (!engine?.serves || !engine.events) return again();
    const { events, real } = engine;
    const release = engine.onDeath(again);
    const session = { emit: ({ uid, event }: EmitRequest) => events.publish(uid, event) };
    const reply = { id, approved, actor: name, user: name, role: "operator" } as const;
    answerApproval(real.reader(), session, reply).then(
      ({ answer }) => {
        release();
        if (!engine.alive) return;
        if (answer) this.#counts(id, name);
        this.#done(id);
      },
      (error: unknown) => {
        release();
        const { code = "" } = toErrorData(error);
        this.#world.note(name, `is told about ${id}: ${code}`);
        if (!engine.alive) return;
        if (!OVER.has(code)) return again();
        if (code !== "APPROVAL_ANSWERED") this.#mayBeOver(id, code);
        this.#done(id);
      },
    );
  }

  #done(id: string): void {
    const left = (this.#pending.get(id) ?? 1) - 1;
    if (left > 0) this.#pending.set(id, left);
    else this.#pending.delete(id);
  }

  #counts(id: string, by: string): void {
    const first = this.#counted.get(id) ?? this.#answerTo(id)?.by;
    if (first !== undefined) this.#counted.set(id, first);
    if (first !== by) this.#world.fail(PEOPLE_FACTS.first, `${id} is answered by ${by}, and was by ${first} before`);
  }

  #mayBeOver(id: string, code: string): void {
    const row = this.#world.recorded.taskRun(Number(id.split("-")[0]));
    const waits = row?.state === "deferred" && row.wait?.approvals?.some((ask) => ask.id === id && ask.dueAt === null);
    if (waits) this.#world.fail(PEOPLE_FACTS.open, `task run ${row.id} waits with ${id}, and who answers gets ${code}`);
  }

  #answerTo(id: string): ApprovalAnswer | null {
    const statement = { name: "simAnswer", text: "select payload from event where uid = ?" };
    const [row] = this.#world.connection.all<{ payload: string }>({ statement, values: [approvalUid(id)] });
    return row ? (JSON.parse(row.payload) as ApprovalAnswer) : null;
  }
}
