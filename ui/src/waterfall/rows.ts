import type { Attempt, RunDetail, TaskRun } from "../api/runs.ts";
import type { Graph } from "../api/workflows.ts";
import { type State, worstOf } from "../words/state.ts";
import { type Piece, type Span, spanOf } from "./pieces.ts";

/** A line of the waterfall: a task, an element of a mapped one, or one attempt. */
export interface Row {
  readonly key: string;
  readonly kind: "task" | "element" | "attempt";
  readonly task: string;
  readonly mapIndex: number | null;
  readonly attempt: number | null;
  readonly taskRun: TaskRun | null;
  readonly label: string;
  readonly state: State;
  readonly pieces: readonly Piece[];
  readonly ranMs: number;
  readonly note: string;
  readonly folds: "open" | "closed" | null;
}

export interface Waterfall {
  readonly rows: readonly Row[];
  readonly begin: number;
  readonly end: number;
}

interface Facts {
  readonly run: Pick<RunDetail, "state" | "generation" | "createdAt" | "startedAt" | "endedAt">;
  readonly graph: Pick<Graph, "tasks">;
  readonly taskRuns: readonly TaskRun[];
  readonly attempts: readonly Attempt[];
  readonly open: ReadonlySet<string>;
  readonly now: number;
}

const FEW_ELEMENTS = 6;

/** What of a run is drawn, from top to bottom, in the order of the graph. Only what is open is made into lines. */
export function waterfallOf({ run, graph, taskRuns, attempts, open, now }: Facts): Waterfall {
  const begin = beginOf(run, taskRuns);
  const end = Math.max(begin + 1, run.endedAt === null ? now : Date.parse(run.endedAt));
  const byTask = Map.groupBy(taskRuns, ({ task }) => task);
  const byTaskRun = Map.groupBy(
    attempts.filter(({ generation }) => generation === run.generation),
    ({ taskRunId }) => taskRunId,
  );
  const span = (row: TaskRun): Span => spanOf(row, byTaskRun.get(row.id) ?? [], { begunAt: begin, now: end });
  const rows = graph.tasks.flatMap(({ name, mapped }): Row[] => {
    const own = byTask.get(name) ?? [];
    if (own.length === 0) return [waitingRow(name, run.state, begin, end)];
    if (!mapped && own.length === 1 && own[0]!.mapIndex === null) return taskRows(own[0]!, span(own[0]!), open);
    return mappedRows(name, own, span, open);
  });
  return { rows, begin, end };
}

/** Of a run that was retried, only what belongs to the retry: an axis that begins last week shows nothing of today. */
function beginOf(run: Facts["run"], taskRuns: readonly TaskRun[]): number {
  const begun = Date.parse(run.startedAt ?? run.createdAt);
  if (run.generation === 1) return begun;
  const own = taskRuns
    .filter(({ generation }) => generation === run.generation)
    .flatMap(({ queuedAt, claimedAt, startedAt }) => {
      const first = queuedAt ?? claimedAt ?? startedAt;
      return first === null ? [] : [Date.parse(first)];
    });
  return own.length === 0 ? begun : own.reduce((first, each) => Math.min(first, each), Infinity);
}

function waitingRow(name: string, runState: State, begin: number, end: number): Row {
  const over = runState === "succeeded" || runState === "failed" || runState === "cancelled";
  return {
    ...NOTHING,
    key: name,
    kind: "task",
    task: name,
    label: name,
    state: over ? "removed" : "waiting",
    pieces: over ? [] : [{ kind: "waiting", from: begin, to: end, state: "waiting" }],
  };
}

const NOTHING = { mapIndex: null, attempt: null, taskRun: null, ranMs: 0, note: "", folds: null } as const;

function taskRows(row: TaskRun, span: Span, open: ReadonlySet<string>): Row[] {
  const folds = span.attempts.length > 1 ? (open.has(row.task) ? "open" : "closed") : null;
  const own: Row = {
    ...NOTHING,
    key: row.task,
    kind: "task",
    task: row.task,
    taskRun: row,
    label: row.task,
    state: row.state,
    pieces: span.pieces,
    ranMs: span.ranMs,
    note: span.attempts.length > 1 ? `${span.attempts.length} attempts` : "",
    folds,
  };
  return folds === "open" ? [own, ...attemptRows(row, span)] : [own];
}

function attemptRows(row: TaskRun, { attempts }: Span): Row[] {
  return attempts.map((each, at): Row => {
    const from = Date.parse(each.startedAt ?? each.claimedAt ?? each.endedAt);
    const to = Date.parse(each.endedAt);
    const state = (each.outcome === "lost" ? "cancelled" : each.outcome) as State;
    return {
      ...NOTHING,
      key: `${keyOf(row)}#${each.claim}`,
      kind: "attempt",
      task: row.task,
      mapIndex: row.mapIndex,
      attempt: each.attempt,
      taskRun: row,
      label: each.outcome === "lost" ? `attempt ${each.attempt}, lost` : `attempt ${each.attempt}`,
      state,
      pieces: [{ kind: "ran", from, to, state }],
      ranMs: to - from,
      note: at === attempts.length - 1 ? "" : "",
    };
  });
}

function mappedRows(
  name: string,
  own: readonly TaskRun[],
  span: (row: TaskRun) => Span,
  open: ReadonlySet<string>,
): Row[] {
  const elements = own.filter(({ mapIndex }) => mapIndex !== null).sort((a, b) => a.mapIndex! - b.mapIndex!);
  // Before its length is known there is the task itself, and when it can't be built.
  const all = elements.length === 0 ? own : elements;
  const isOpen = open.has(name) !== (elements.length <= FEW_ELEMENTS && elements.length > 0);
  const spans = new Map(all.map((row) => [row, span(row)]));
  const pieces = merged([...spans.values()]);
  const head: Row = {
    ...NOTHING,
    key: name,
    kind: "task",
    task: name,
    taskRun: elements.length === 0 ? own[0]! : null,
    label: name,
    state: worstOf(all.map(({ state }) => state)),
    pieces,
    ranMs: lengthOf(pieces),
    note: elements.length === 0 ? "" : `× ${elements.length}`,
    folds: elements.length === 0 ? null : isOpen ? "open" : "closed",
  };
  if (!isOpen) return [head];
  return [
    head,
    ...elements.flatMap((row): Row[] => {
      const its = spans.get(row)!;
      const key = keyOf(row);
      const folds = its.attempts.length > 1 ? (open.has(key) ? "open" : "closed") : null;
      const line: Row = {
        ...NOTHING,
        key,
        kind: "element",
        task: name,
        mapIndex: row.mapIndex,
        taskRun: row,
        label: `[${row.mapIndex}]`,
        state: row.state,
        pieces: its.pieces,
        ranMs: its.ranMs,
        note: its.attempts.length > 1 ? `${its.attempts.length} attempts` : "",
        folds,
      };
      return folds === "open" ? [line, ...attemptRows(row, its)] : [line];
    }),
  ];
}

export const keyOf = ({ task, mapIndex }: Pick<TaskRun, "task" | "mapIndex">): string =>
  mapIndex === null ? task : `${task}[${mapIndex}]`;

/** All elements on one line: when any of them ran, and before that when any was queued. */
function merged(spans: readonly Span[]): Piece[] {
  const of = (kind: Piece["kind"]): Piece[] =>
    joined(spans.flatMap(({ pieces }) => pieces.filter((each) => each.kind === kind)));
  const ran = of("ran");
  const first = ran[0]?.from ?? Infinity;
  const before = (pieces: Piece[]): Piece[] =>
    pieces.flatMap((piece) => (piece.from < first ? [{ ...piece, to: Math.min(piece.to, first) }] : []));
  const queued = before(of("queued"));
  const start = Math.min(first, queued[0]?.from ?? Infinity);
  const waiting = of("waiting").flatMap((piece) =>
    piece.from < start ? [{ ...piece, to: Math.min(piece.to, start) }] : [],
  );
  return [...waiting, ...queued, ...of("deferred"), ...ran];
}

function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of [...pieces].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last === undefined || piece.from > last.to) all.push(piece);
    else all[all.length - 1] = { ...last, to: Math.max(last.to, piece.to), state: worstOf([last.state, piece.state]) };
  }
  return all;
}

const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { kind, from, to }) => (kind === "ran" ? sum + to - from : sum), 0);
