import { expect, test } from "vitest";
import { mayAs, type Role } from "../core/role.ts";
import { EVERYBODY, testServer } from "./fixture.test-data.ts";

/** Who may what: changed on purpose, or not at all. */
const RIGHTS: Readonly<Record<string, Role | "nobody">> = {
  "server.live": "nobody",
  "server.ready": "nobody",
  "server.openapi": "nobody",
  "server.workers": "viewer",
  "server.events": "viewer",
  "server.metrics": "viewer",
  "workflows.list": "viewer",
  "workflows.get": "viewer",
  "workflows.versions": "viewer",
  "workflows.version": "viewer",
  "workflows.diff": "viewer",
  "workflows.grid": "viewer",
  "workflows.graph": "viewer",
  "workflows.preview": "viewer",
  "workflows.windows": "viewer",
  "workflows.schedules": "viewer",
  "workflows.loadErrors": "viewer",
  "workflows.pause": "operator",
  "workflows.unpause": "operator",
  "workflows.bulk": "operator",
  "runs.list": "viewer",
  "runs.get": "viewer",
  "runs.taskRuns": "viewer",
  "runs.taskRun": "viewer",
  "runs.attempts": "viewer",
  "runs.start": "operator",
  "runs.bulk": "operator",
  "runs.cancel": "operator",
  "runs.why": "viewer",
  "runs.control": "operator",
  "pools.list": "viewer",
  "approvals.list": "viewer",
  "approvals.get": "viewer",
  "approvals.approve": "viewer",
  "approvals.reject": "viewer",
  "pools.resize": "editor",
  "runs.retry": "operator",
  "backfills.list": "viewer",
  "backfills.get": "viewer",
  "backfills.preview": "viewer",
  "backfills.start": "operator",
  "backfills.pause": "operator",
  "backfills.resume": "operator",
  "backfills.cancel": "operator",
  "backfills.bulk": "operator",
  "events.list": "viewer",
  "events.triggers": "viewer",
  "events.emit": "operator",
  "alerts.list": "viewer",
  "alerts.get": "viewer",
  "alerts.retry": "operator",
  "alerts.bulk": "operator",
  "webhooks.list": "admin",
  "webhooks.get": "admin",
  "webhooks.add": "admin",
  "webhooks.change": "admin",
  "webhooks.remove": "admin",
  "webhooks.test": "admin",
  "overview.now": "viewer",
  "overview.recent": "viewer",
  "overview.timeline": "viewer",
  "overview.coming": "viewer",
  "logs.lines": "viewer",
  "logs.download": "viewer",
  "logs.artifacts": "viewer",
  "logs.artifact": "viewer",
  "assets.list": "viewer",
  "assets.graph": "viewer",
  "assets.get": "viewer",
  "assets.updates": "viewer",
  "assets.findings": "viewer",
  "secrets.list": "viewer",
  "secrets.set": "editor",
  "secrets.remove": "editor",
  "secrets.connections": "viewer",
  "secrets.setConnection": "editor",
  "secrets.removeConnection": "editor",
  "access.signIn": "nobody",
  "access.setUp": "nobody",
  "access.enter": "nobody",
  "access.ways": "nobody",
  "access.oidcBegin": "nobody",
  "access.oidcEnd": "nobody",
  "access.me": "viewer",
  "access.signOut": "viewer",
  "access.changePassword": "viewer",
  "access.tokens": "viewer",
  "access.addToken": "viewer",
  "access.revokeToken": "viewer",
  "access.users": "admin",
  "access.addUser": "admin",
  "access.changeUser": "admin",
  "access.removeUser": "admin",
  "access.audit": "admin",
};

/** What is asked, where nothing would be refused for another reason first. */
const BODIES: Readonly<Record<string, object>> = {
  "runs.start": { workflow: "nothing" },
  "runs.bulk": { act: "cancel", ids: ["0".repeat(26)] },
  "workflows.bulk": { act: "pause", names: ["nothing"] },
  "backfills.bulk": { act: "pause", ids: ["0".repeat(26)] },
  "alerts.bulk": { act: "retry", ids: [4711] },
  "backfills.start": { workflow: "nothing" },
  "backfills.preview": { workflow: "nothing" },
  "secrets.set": { name: " ", value: "x" },
  "secrets.setConnection": { name: " ", url: "x" },
  "runs.control": { act: "clear", tasks: ["a"] },
  "pools.resize": { slots: 1 },
  "webhooks.add": { url: "x", secret: "x", events: ["run.failed"] },
  "webhooks.change": { disabled: true },
  "access.addUser": { name: "UPPER", role: "viewer" },
  "access.changePassword": { old: "x", new: "short" },
  "access.addToken": { name: "" },
};
const QUERIES: Readonly<Record<string, string>> = {
  "workflows.windows": "?from=2025-01-01&to=2025-01-02",
  "overview.timeline": "?from=2025-01-01T00:00:00Z&to=2025-01-02T00:00:00Z",
};
/** It would end the session that the others of the table need. */
const LAST = "access.signOut";

interface Operation {
  readonly operationId: string;
  readonly "x-tutti-role": string;
}

test("every route lets in whom the table says, and nobody else", async () => {
  const { ask } = await testServer();
  const { paths } = (await (await ask("/api/openapi.json")).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );
  expect(Object.fromEntries(operations.map((each) => [each.operationId, each["x-tutti-role"]]))).toEqual(RIGHTS);
  operations.sort((a, b) => Number(a.operationId === LAST) - Number(b.operationId === LAST));
  const wrong: string[] = [];
  for (const { path, method, operationId } of operations)
    for (const as of EVERYBODY) {
      const target = path.replaceAll(/\{(taskRun|claim|token|alert)\}/g, "999999").replaceAll(/\{\w+\}/g, "zz");
      const body = BODIES[operationId];
      const answer = await ask(target + (QUERIES[operationId] ?? ""), {
        method: method.toUpperCase(),
        as,
        ...(body === undefined ? {} : { body }),
      });
      const needed = RIGHTS[operationId]!;
      const expected = needed === "nobody" ? "in" : as === null ? "401" : mayAs(as, needed) ? "in" : "403";
      const found =
        as === null && needed === "nobody" ? "in" : [401, 403].includes(answer.status) ? String(answer.status) : "in";
      if (found !== expected || answer.status >= 500)
        wrong.push(`${operationId} as ${as}: ${answer.status}, not ${expected}`);
      await answer.body?.cancel();
    }
  expect(wrong).toEqual([]);
});

test("a change with a cookie needs what only our own pages know", async () => {
  const { ask, fill } = await testServer();
  const { going } = await fill();
  const cancel = (headers: Record<string, string>) =>
    ask(`/api/runs/${going}/cancel`, { method: "POST", as: "operator", headers });
  expect((await cancel({ "x-tutti-csrf": "" })).status).toBe(403);
  expect((await cancel({ "x-tutti-csrf": "forged" })).status).toBe(403);
  expect((await cancel({ origin: "https://evil.example" })).status).toBe(403);
  expect((await ask(`/api/runs/${going}`, { as: "viewer" }).then((answer) => answer.json())) as object).toMatchObject({
    cancelRequested: false,
  });
  expect((await cancel({ origin: "http://localhost:4747" })).status).toBe(200);
});

test("a page of another name that leads here gets nothing", async () => {
  const { ask } = await testServer();
  for (const host of ["evil.example", "evil.example:4747", "127.0.0.1", "127.0.0.1:80", ""])
    expect((await ask("/api/runs", { as: "local", headers: { host } })).status, host).toBe(421);
  expect((await ask("/health/live", { headers: { host: "10.0.0.7:4747" } })).status).toBe(200);
  for (const host of ["localhost:4747", "[::1]:4747"])
    expect((await ask("/api/runs", { as: "local", headers: { host } })).status, host).toBe(200);
});

test("whoever may see some workflows sees nothing of the others", async () => {
  const { ask, fill, token } = await testServer();
  const { failed, going, other } = await fill();
  const secret = await token("operator", { tags: ["finance"] });
  const headers = { authorization: `Bearer ${secret}` };
  const json = async (target: string) =>
    (await (await ask(target, { headers })).json()) as { items: { id: string; name: string }[] };
  expect((await json("/api/workflows")).items.map(({ name }) => name)).toEqual(["sales"]);
  expect((await json("/api/runs")).items.map(({ id }) => id)).toEqual([going, failed]);
  expect((await json("/api/runs?workflow=ops")).items).toEqual([]);
  for (const target of [
    `/api/runs/${other}`,
    `/api/runs/${other}/logs`,
    "/api/workflows/ops",
    "/api/workflows/ops/grid",
    `/api/live?topics=run:${other}`,
  ])
    expect((await ask(target, { headers })).status, target).toBe(404);
  const bulk = await ask("/api/runs/bulk", { method: "POST", headers, body: { act: "cancel", ids: [other] } });
  expect(await bulk.json()).toMatchObject({ runs: [{ ok: false, error: { code: "RUN_NOT_FOUND" } }] });
  expect((await ask("/api/runs", { method: "POST", headers, body: { workflow: "ops" } })).status).toBe(404);
});

test("a token may no more than its user, and nothing when it is revoked, expired or his right is gone", async () => {
  const { ask, token, engine, reader } = await testServer();
  await ask("/api/session", { as: "viewer" });
  const admin = { authorization: `Bearer ${await token("admin", { user: "a.viewer" })}` };
  expect((await ask("/api/users", { headers: admin })).status).toBe(403);
  expect(await (await ask("/api/session", { headers: admin })).json()).toMatchObject({
    role: "viewer",
    user: "a.viewer",
  });
  expect(
    (await ask("/api/runs", { headers: { authorization: `Bearer ${await token("viewer", { expiresAt: 1 })}` } }))
      .status,
  ).toBe(401);
  await engine.administer({ kind: "change_user", name: "a.viewer", disabled: true }, null);
  expect((await ask("/api/runs", { headers: admin })).status).toBe(401);
  const secret = await token("admin");
  const headers = { authorization: `Bearer ${secret}` };
  expect((await ask("/api/users", { headers })).status).toBe(200);
  const mine = (await reader.access.tokens()).at(-1);
  await engine.administer({ kind: "revoke_token", id: mine!.id, at: 1 }, null);
  expect((await ask("/api/users", { headers })).status).toBe(401);
});
