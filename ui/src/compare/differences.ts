import type { RunDetail, TaskRun } from "../api/runs.ts";
import { shortText } from "../words/value-text.ts";
import { differenceText, durationText } from "../words/duration-text.ts";
import { lengthOf } from "../words/run-length.ts";

/** One thing that two runs can differ in. */
export interface Difference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** What it amounts to; empty: they are the same. */
  readonly differs: string;
  /** It may well be the reason, rather than how things always vary. */
  readonly marked: boolean;
}

interface Side {
  readonly run: RunDetail;
  readonly taskRuns: readonly TaskRun[];
}

/** How far a task's time may move before it is worth a mark. */
const USUAL_FACTOR = 2;
const USUAL_MS = 500;

/** How the second run differs from the first: code, params, trigger, and every task's state and time. */
export function differencesOf(a: Side, b: Side): Difference[] {
  return [
    plain("code", a.run.version.slice(0, 8), b.run.version.slice(0, 8), "another version"),
    plain("partition", a.run.partition ?? "–", b.run.partition ?? "–", "another"),
    ...paramsOf(a.run.params ?? a.run.input, b.run.params ?? b.run.input),
    plain("trigger", a.run.trigger, b.run.trigger, "another", false),
    times(a.run, b.run),
    ...tasksOf(a.taskRuns, b.taskRuns),
  ];
}

const plain = (name: string, before: string, after: string, differs: string, marked = true): Difference =>
  before === after ? { name, before, after, differs: "", marked: false } : { name, before, after, differs, marked };

function paramsOf(before: unknown, after: unknown): Difference[] {
  const [a, b] = [fields(before), fields(after)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => {
    const [was, is] = [name in a ? shortText(a[name]) : "–", name in b ? shortText(b[name]) : "–"];
    const same = JSON.stringify(a[name]) === JSON.stringify(b[name]);
    return { name: `param ${name}`, before: was, after: is, differs: same ? "" : "changed", marked: !same };
  });
}

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : value === null || value === undefined
      ? {}
      : { value };

function times(a: RunDetail, b: RunDetail): Difference {
  const [was, is] = [lengthOf(a, Date.now()), lengthOf(b, Date.now())];
  return {
    name: "run time",
    before: durationText(was),
    after: durationText(is),
    differs: differenceText(is - was),
    marked: isUnusual(was, is),
  };
}

const isUnusual = (was: number, is: number): boolean =>
  Math.abs(is - was) > USUAL_MS && (is > was * USUAL_FACTOR || was > is * USUAL_FACTOR);

export interface TaskFacts {
  readonly state: string;
  readonly ranMs: number;
  readonly elements: number;
  readonly attempts: number;
}

/** Each task with all its elements taken together. */
export function factsByTask(taskRuns: readonly TaskRun[]): Map<string, TaskFacts> {
  const facts = new Map<string, TaskFacts>();
  for (const [task, rows] of Map.groupBy(taskRuns, ({ task }) => task)) {
    const begun = rows.flatMap(({ startedAt }) => (startedAt === null ? [] : [Date.parse(startedAt)]));
    const ended = rows.flatMap(({ endedAt }) => (endedAt === null ? [] : [Date.parse(endedAt)]));
    const states = [...new Set(rows.map(({ state }) => state))];
    facts.set(task, {
      state: states.length === 1 ? states[0]! : states.includes("failed") ? "failed" : states.join(", "),
      ranMs: begun.length === 0 || ended.length === 0 ? 0 : Math.max(0, Math.max(...ended) - Math.min(...begun)),
      elements: rows.length,
      attempts: Math.max(...rows.map(({ attempt }) => attempt)),
    });
  }
  return facts;
}

function tasksOf(before: readonly TaskRun[], after: readonly TaskRun[]): Difference[] {
  const [a, b] = [factsByTask(before), factsByTask(after)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((task): Difference[] => {
    const [was, is] = [a.get(task), b.get(task)];
    if (was === undefined || is === undefined)
      return [
        {
          name: task,
          before: was?.state ?? "not there",
          after: is?.state ?? "not there",
          differs: was === undefined ? "new" : "did not run",
          marked: true,
        },
      ];
    const state = plain(task, was.state, is.state, "another end");
    const time: Difference = {
      name: `${task}, time`,
      before: durationText(was.ranMs),
      after: durationText(is.ranMs),
      differs: differenceText(is.ranMs - was.ranMs),
      marked: was.state === is.state && isUnusual(was.ranMs, is.ranMs),
    };
    const elements = plain(
      `${task}, elements`,
      String(was.elements),
      String(is.elements),
      `${is.elements - was.elements}`,
      false,
    );
    return [state, ...(elements.differs === "" ? [] : [elements]), time];
  });
}
