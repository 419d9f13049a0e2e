import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { makeApp } from "./app.ts";
import { testServer } from "./fixture.test-data.ts";
import { ROUTES } from "./routes.ts";
import { UiFiles } from "./ui-files.ts";

const PAGE = "<!doctype html><title>Tutti</title>";

async function served() {
  const folder = mkdtempSync(join(tmpdir(), "tutti-ui-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "built"));
  writeFileSync(join(folder, "index.html"), PAGE);
  writeFileSync(join(folder, "built", "index-a1b2.js"), "export {};");
  writeFileSync(join(folder, ".made-of"), "secret");
  const { server } = await testServer();
  const app = makeApp(server, ROUTES, new UiFiles(folder));
  return (path: string, headers: Record<string, string> = {}) =>
    app.request(`http://127.0.0.1:4747${path}`, { headers: { host: "127.0.0.1:4747", ...headers } });
}

test("the page is at / and wherever a browser opens one of its addresses, with a policy that knows no inline script", async () => {
  const get = await served();
  for (const path of ["/", "/runs/01k2", "/workflows/a%20b/graph?version=1"]) {
    const answer = await get(path, { accept: "text/html,*/*" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(PAGE);
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    expect(answer.headers.get("content-security-policy")).toContain("script-src 'self';");
  }
});

test("a file with its content in its name is kept for ever, is sent small, and not at all when it is known", async () => {
  const get = await served();
  const answer = await get("/built/index-a1b2.js", { "accept-encoding": "gzip" });
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(answer.headers.get("content-type")).toContain("text/javascript");
  expect(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString()).toBe("export {};");
  const tag = answer.headers.get("etag")!;
  expect((await get("/built/index-a1b2.js", { "if-none-match": tag })).status).toBe(304);
});

test("a program that errs, a file that is not there and what is not for browsers get no page", async () => {
  const get = await served();
  for (const [path, accept] of [
    ["/runs/01k2", "application/json"],
    ["/built/gone.js", "text/html"],
    ["/api/nothing", "text/html"],
    ["/.made-of", "*/*"],
    ["/built/..%2f.made-of", "*/*"],
    ["/%2e%2e/package.json", "*/*"],
  ] as const) {
    const answer = await get(path, { accept });
    expect([path, answer.status]).toEqual([path, 404]);
    expect(await answer.json()).toMatchObject({ error: { code: "NOT_FOUND" } });
  }
});
