import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testServer } from "../fixture.test-data.ts";

const FILE = join(import.meta.dirname, "..", "..", "..", "docs", "operate", "grafana-dashboard.json");

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

test("the dashboard asks for figures, labels and label values that there are, and every figure is on it", async () => {
  const { ask, fill } = await testServer();
  await fill();
  const text = await (await ask("/metrics", { as: "viewer" })).text();
  const known = [...text.matchAll(/^# TYPE (\w+) (?:gauge|counter)$/gm)].map(([, name]) => name!);
  expect(known.length).toBeGreaterThan(5);
  const labels = new Map(known.map((name) => [name, new Set<string>()]));
  for (const [, name, pairs = ""] of text.matchAll(/^(\w+)\{(.*)\} /gm))
    for (const [, label] of pairs.matchAll(/(\w+)="/g)) labels.get(name!)?.add(label!);
  labels.get("tutti_http_failures_total")?.add("code");
  const { panels } = JSON.parse(readFileSync(FILE, "utf8")) as Dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const used = new Set<string>();
  for (const { title, targets } of panels)
    for (const { expr } of targets)
      for (const [, name, chosen = ""] of expr.matchAll(/\b(tutti_\w+)(?:\{([^}]*)\})?/g)) {
        expect(known, title).toContain(name);
        used.add(name!);
        for (const [, label, how, value = ""] of chosen.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)) {
          expect([...labels.get(name!)!], title).toContain(label);
          if (how === "=" || how === "=~")
            for (const one of value.split("|")) expect(text, title).toContain(`${label}="${one}"`);
        }
      }
  expect([...used].toSorted()).toEqual(known.toSorted());
});
