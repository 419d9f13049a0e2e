import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeValue } from "../../core/value-codec.ts";
import { TaskFailed } from "../../authoring/task-ended.ts";
import { type ElementRange, NEVER, type TaskRequest } from "../../core/wait.ts";
import type { EndedTask } from "../../core/ended-task.ts";
import { encodeRecords, type StepRecord } from "./step-record.ts";
import { Steps } from "./steps.ts";

/** A body as fast-check draws it. */
type Program =
  | { readonly kind: "step"; readonly name: number }
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "look" }
  | { readonly kind: "fails"; readonly name: number }
  /** A task run of a flow; the last of the names fails. */
  | { readonly kind: "task"; readonly name: number }
  | { readonly kind: "all" | "race" | "then"; readonly parts: readonly Program[] };

const { program } = fc.letrec<{ program: Program; parts: Program[] }>((tie) => ({
  parts: fc.array(tie("program"), { minLength: 1, maxLength: 4 }),
  program: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("step" as const), name: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("sleep" as const), ms: fc.constantFrom(5, 10, 10, 30) }) },
    { weight: 1, arbitrary: fc.constant({ kind: "look" as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("fails" as const), name: fc.nat(2) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("task" as const), name: fc.nat(2) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom("all" as const, "race" as const, "then" as const),
        parts: tie("parts"),
      }),
    },
  ),
}));

/** What outlives a life: the journal, the time, and what was done outside. */
class Outside {
  readonly lines: string[] = [];
  readonly done: string[] = [];
  /** Steps that were begun although their end was durable. */
  readonly twice: string[] = [];
  /** By place: task runs that were begun, and what became of them. They go on whether the body lives or not. */
  readonly tasks = new Map<string, EndedTask | null>();
  /** What they got. */
  readonly inputs = new Map<string, string>();
  /** Who hears that one has ended. */
  heard: () => void = () => {};
  now = 0;
  #draw = 0;
  readonly #drawn: readonly number[];

  constructor(drawn: readonly number[]) {
    this.#drawn = drawn;
  }

  /** How many turns of the loop something takes. */
  turns(): number {
    return this.#drawn[this.#draw++ % this.#drawn.length] ?? 0;
  }

  get records(): StepRecord[] {
    return this.lines.flatMap((line) => JSON.parse(line) as StepRecord[]);
  }

  asked({ task, index, input }: TaskRequest): void {
    const place = `${task}/${index}`;
    if (this.tasks.has(place)) return void this.twice.push(`task ${place}`);
    this.inputs.set(place, input);
    this.tasks.set(place, null);
    void (async () => {
      for (let left = this.turns(); left > 0; left--) await turn();
      this.tasks.set(place, endOf(task, index, input));
      this.heard();
    })();
  }

  /** Those of them that have ended. */
  ended(ranges: readonly ElementRange[]): readonly EndedTask[] {
    return [...this.tasks.values()].filter(
      (end): end is EndedTask =>
        end !== null && ranges.some(({ task, from, to }) => end.task === task && end.index >= from && end.index <= to),
    );
  }

  begins(step: string): void {
    const isOver = this.records.some(
      (record) => (record.kind === "step" || record.kind === "failed") && textOf(record.id) === step,
    );
    (isOver ? this.twice : this.done).push(step);
  }
}

const FAILS = 2;

function endOf(task: number, index: number, input: string): EndedTask {
  const none = { task, index, output: null, error: null, skipReason: null };
  if (task === FAILS) return { ...none, state: "failed", error: { name: "Error", message: input } };
  return { ...none, state: "succeeded", output: { kind: "inline", text: JSON.stringify([input]) } };
}

const textOf = ({ name, key, nth }: { name: string; key: string | null; nth: number }): string =>
  `${name} ${key} ${nth}`;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Ends after so many turns of the loop, whatever goes on. */
const DEATH = Symbol("death");

/** One life of the body: to its end, or to its death. */
async function live(body: Program, outside: Outside, lifetime: number): Promise<unknown> {
  let isDead = false;
  const timers = new Set<{ readonly at: number; readonly call: () => void }>();
  let lastWrite: Promise<void> = Promise.resolve();
  const steps: Steps = new Steps({
    now: () => outside.now * 1000,
    at(instant, call) {
      const timer = { at: instant / 1000, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    turn: (call) => void setImmediate(() => isDead || call()),
    stall(call) {
      const timer = setTimeout(() => isDead || call(), 400);
      return () => clearTimeout(timer);
    },
    wake: () => void setImmediate(() => isDead || steps.resume(0)),
    events: async () => ({ events: [], mark: "" }),
    runs: async () => null,
    interval: { start: 0, end: 0 },
    workflow: "test",
    storedOutput: () => undefined,
    after(ms, call) {
      const timer = setTimeout(() => isDead || call(), ms / 10);
      return () => clearTimeout(timer);
    },
    tasks: {
      find: (task) => ({ task: task as number, name: `t${String(task)}` }),
      placeOf: (name) => Number(name.slice(1)),
      give: (_, text) => text,
      async ends(ranges) {
        for (let left = outside.turns(); left > 0; left--) await turn();
        // One at a time: more are asked for.
        const ends = outside.ended(ranges);
        return { ends: ends.slice(0, 2), more: ends.length > 2 };
      },
      during: "1.1",
      value: ({ output }) => (output?.kind === "inline" ? decodeValue(output.text) : undefined),
    },
    failed: (error) => expect(error).toBe(null),
    canPark: true,
    park({ until, steps: entries, requests = [] }) {
      outside.lines.push(...entries.map(({ value }) => value));
      for (const request of requests) outside.asked(request);
      let isOver = false;
      const resume = (dueAt: number): void => {
        if (isOver || isDead) return;
        isOver = true;
        outside.heard = () => {};
        outside.now = Math.max(outside.now, dueAt / 1000);
        steps.resume(dueAt);
      };
      // Nothing else is due before, or it is woken earlier by what its code does, or by the end of a task run.
      void (async () => {
        for (let left = outside.turns(); left > 0; left--) await turn();
        if (until.tasks && outside.ended(until.tasks).length > 0) resume(0);
        else if (until.tasks && until.dueAt === NEVER) outside.heard = () => resume(0);
        else resume(until.dueAt);
      })();
    },
    read: async () => [...outside.lines],
    write({ value }) {
      const before = lastWrite;
      lastWrite = (async () => {
        await before;
        for (let left = outside.turns(); left > 0; left--) await turn();
        if (isDead) return new Promise<void>(() => {});
        outside.lines.push(value);
      })();
      return lastWrite;
    },
    version: "v1",
    taskRunId: 1,
    seed: "seed",
    decode: (text) => decodeValue(text),
    maxBytes: 1_000,
  });
  if (outside.lines.length > 0) await steps.load();
  const nths = new Map<string, number>();
  const play = async (part: Program, path: string): Promise<unknown> => {
    switch (part.kind) {
      case "step":
      case "fails": {
        const name = `s${part.name}`;
        const nth = (nths.get(`${name} ${path}`) ?? 0) + 1;
        nths.set(`${name} ${path}`, nth);
        const id = `${name} ${path} ${nth}`;
        const work = async (): Promise<string> => {
          outside.begins(id);
          for (let left = outside.turns(); left > 0; left--) await turn();
          if (part.kind === "fails") throw new Error(id);
          return `${id} ${outside.done.length}`;
        };
        return steps.step(name, work, { key: path }).catch((error: Error) => {
          if (error.message !== id) throw error;
          return `caught ${id}`;
        });
      }
      case "sleep":
        return steps.sleep(part.ms);
      case "task":
        return steps.run(part.name, path).catch((error: Error) => {
          if (!(error instanceof TaskFailed)) throw error;
          return `caught ${error.message}`;
        });
      case "look":
        return `${steps.now().getTime() >= 0} ${steps.random()}`;
      case "then": {
        const heard: unknown[] = [];
        // What lost a race may go on beside what comes after: only steps in a row share a name.
        for (const [place, each] of part.parts.entries())
          heard.push(await play(each, "parts" in each ? `${path}:${place}` : path));
        return heard;
      }
      case "all":
        return Promise.all(part.parts.map((each, place) => play(each, `${path}.${place}`)));
      case "race": {
        const [first] = await Promise.race(
          part.parts.map(async (each, place) => [place, await play(each, `${path}.${place}`)] as const),
        );
        // The way on depends on who was first.
        return steps.step(`won ${first}`, () => first, { key: path });
      }
    }
  };
  const over = play(body, "b").then(async (heard) => {
    await steps.awake();
    return heard;
  });
  over.catch(() => {});
  const death = (async () => {
    for (let left = lifetime; left > 0; left--) {
      await turn();
      outside.now += 1;
      for (const timer of timers) if (timer.at <= outside.now && timers.delete(timer)) timer.call();
    }
    return DEATH;
  })();
  const ended = await Promise.race([over, lifetime === Number.POSITIVE_INFINITY ? over : death]);
  isDead = true;
  steps.end(null);
  return ended;
}

test("property: a body that dies at any moments comes to one end, and does nothing again that was recorded", async () => {
  await fc.assert(
    fc.asyncProperty(
      program,
      fc.array(fc.nat(3), { minLength: 5, maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 6 }),
      async (body, drawn, lives) => {
        const outside = new Outside(drawn);
        let end: unknown = DEATH;
        for (const lifetime of [...lives, 5_000]) {
          end = await live(body, outside, lifetime);
          if (end !== DEATH) break;
        }
        expect(end).not.toBe(DEATH);
        expect(outside.twice).toEqual([]);
        const ends = outside.records.flatMap((record) => (record.kind === "step" ? [textOf(record.id)] : []));
        expect(new Set(ends).size).toBe(ends.length);
        // Once more, on the whole record: it says the same.
        const again = new Outside([0]);
        for (const [place, ended] of outside.tasks) again.tasks.set(place, ended);
        again.lines.push(...outside.lines);
        again.now = outside.now;
        expect(await live(body, again, 5_000)).toEqual(end);
      },
    ),
    { numRuns: 500 },
  );
}, 120_000);

test("a line is written for each thing that must be durable, and what can wait goes along", () => {
  const { key, value } = encodeRecords(7, [{ kind: "now", at: 1 }]);
  expect([key, JSON.parse(value)]).toEqual(["000000007", [{ kind: "now", at: 1 }]]);
});
