import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../authoring/build.ts";
import { manifestHash } from "../authoring/manifest-hash.ts";
import type { Workflow } from "../authoring/workflow.ts";
import { momentWindow } from "../core/window.ts";
import { Engine } from "../engine/engine.ts";
import type { LogLine } from "../runtime/protocol.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import { fakeClock } from "./fake-clock.ts";
import { InlineHost } from "./inline-host.ts";

const closing: (() => Promise<void>)[] = [];
/** After each test. */
export async function closeStages(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

/** A store in memory that outlives its engines. */
export async function stage(workflow: Workflow, ...others: readonly Workflow[]) {
  const folder = mkdtempSync(join(tmpdir(), "tutti-flow-"));
  const clock = fakeClock(new Date("2026-01-01T00:00:00Z"));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const all = [workflow, ...others].map((one) => build(one));
  const [version] = await Promise.all(
    all.map((built) => {
      const hash = manifestHash(built.manifest);
      const bundle = { hash, code: "", map: null };
      const { manifest } = built;
      return store.registerVersion({ hash, manifest, bundle, file: "test", outside: {}, createdAt: clock.now() });
    }),
  );
  const lines: LogLine[] = [];
  const start = () => {
    const host = new InlineHost(all, { artifactsDir: folder, clock, slots: 4 });
    const engine = new Engine({
      store,
      host,
      clock,
      codeFile: async () => "",
      logs: { write: (line) => void lines.push(line), flush: () => {} },
    });
    closing.unshift(() => engine.close(0));
    return engine;
  };
  closing.push(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const states = async (id: string) => {
    const detail = await store.reader().runDetail(id);
    return Object.fromEntries(
      (detail?.taskRuns ?? [])
        .toSorted((a, b) => a.id - b.id)
        .map(({ task: name, mapIndex, state }) => [mapIndex === null ? name : `${name}[${mapIndex}]`, state]),
    );
  };
  const sleeps = async (id: string): Promise<void> => {
    for (;;) {
      const detail = await store.reader().runDetail(id);
      if (detail?.taskRuns.some(({ wait, state }) => state === "deferred" && wait?.kind === "sleep")) return;
      await turn();
    }
  };
  return { clock, store, version: version!, start, states, sleeps, lines, folder, window: momentWindow(clock.now()) };
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
