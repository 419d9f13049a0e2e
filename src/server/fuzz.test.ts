import { expect, test } from "vitest";
import { seededRandom } from "../core/seeded-random.ts";
import { scheduledVersion } from "../testing/store-suite/schedule-facts.ts";
import { T0 } from "../testing/store-samples.ts";
import { testServer } from "./fixture.test-data.ts";

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
}

/** Of every route; `npm run test:simulation` plays more. */
const ROUNDS = Number(process.env["TUTTI_FUZZ_ROUNDS"] ?? 4);
const TEXTS = [
  "",
  "sales",
  "ops",
  "feed",
  "daily",
  "orders.received",
  "state:failed since:2d",
  'workflow:"',
  "..",
  "\u0000",
  "é".repeat(300),
  "' or '1'='1",
  "2026-01-01T00:00:00Z",
  "2017-12-25",
  "latest",
  "🎼",
  "\ud800",
  "%",
  "a,b",
  "__proto__",
];
/** Streams, and what ends the server's own session. */
const LEFT_OUT = new Set(["server.events", "access.signIn", "access.setUp", "access.enter"]);

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? ""));

test("nothing that a client can make up is a mistake of the server", { timeout: 20_000 + ROUNDS * 5_000 }, async () => {
  const world = await testServer();
  const { failed, going, sales } = await world.fill();
  const orders = { name: "orders", kind: "event", event: "orders.received", dedupeForMs: 604_800_000 } as const;
  const { manifest, ...feed } = scheduledVersion("feed", ["daily"]);
  // Its code is put into a file of its name when a run of it begins.
  const bundle = { ...feed.bundle, hash: "feed1" };
  const versions = [{ ...feed, bundle, manifest: { ...manifest, triggers: [orders] } }];
  await world.engine.deploy({ versions, keep: ["sales", "ops"], at: T0 });
  const seed = Number(process.env["TUTTI_SEED"] ?? 4747);
  let drawn = 0;
  const random = (): number => seededRandom(String(seed), drawn++);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const texts = [...TEXTS, failed, going, failed.slice(0, 6), sales.hash];

  const valueOf = (schema: Schema, depth = 0): unknown => {
    if (random() < 0.08) return pick<unknown>([null, 1, "x", [], {}, true, -1, 1e300]);
    if (schema.enum !== undefined) return pick(schema.enum);
    if (schema.anyOf !== undefined) return valueOf(pick(schema.anyOf), depth);
    switch (schema.type) {
      case "integer":
      case "number":
        return pick([0, 1, 2, 100, 1000, -1, 2 ** 31, 2 ** 53, 0.5]);
      case "boolean":
        return random() < 0.5;
      case "array":
        return Array.from({ length: Math.floor(random() * 3) }, () => valueOf(schema.items ?? {}, depth + 1));
      case "object":
        return Object.fromEntries(
          Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
            schema.required?.includes(name) === true || random() < 0.4 ? [[name, valueOf(field, depth + 1)]] : [],
          ),
        );
      case "null":
        return null;
      case "string":
        return pick(texts);
      default:
        return depth > 2 ? 1 : pick<unknown>([1, "x", null, { a: [1] }, []]);
    }
  };
  const { paths } = (await (await world.ask("/api/openapi.json")).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const wrong: string[] = [];
  for (let round = 0; round < ROUNDS; round++)
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { operationId, parameters, requestBody }] of Object.entries(methods)) {
        if (LEFT_OUT.has(operationId)) continue;
        const part = (name: string) =>
          encodeURIComponent((name === "run" ? pick([failed, going, ...texts]) : pick(texts)).toWellFormed() || "x");
        const target = new URL(
          path.replaceAll(/\{(\w+)\}/g, (_, name: string) => part(name)),
          "http://x",
        );
        for (const { name, in: place, required, schema } of parameters)
          if (place === "query" && (required || random() < 0.3))
            target.searchParams.set(name, textOf(valueOf(schema)).toWellFormed());
        const body = requestBody && valueOf(requestBody.content["application/json"].schema);
        const answer = await world.ask(target.pathname + target.search, {
          method: method.toUpperCase(),
          as: "local",
          // Passwords would take their time.
          ...(body === undefined || JSON.stringify(body).includes("password") ? {} : { body }),
        });
        const text = await answer.text();
        const refused = answer.status >= 400 && answer.status < 500 && /"code":"[A-Z_]+"/.test(text);
        if (answer.status >= 400 && !refused)
          wrong.push(`${method} ${target.pathname}${target.search} ${JSON.stringify(body)}: ${answer.status}`);
      }
  expect(wrong, `TUTTI_SEED=${seed}`).toEqual([]);
  expect(world.said, `TUTTI_SEED=${seed}`).toEqual([]);
});
