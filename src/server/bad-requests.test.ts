import { expect, test } from "vitest";
import { type Asked, LOCAL_TOKEN, testServer } from "./fixture.test-data.ts";

type Bad = readonly [target: string, asked?: Asked];

const LONG = "x".repeat(5_000);
const ENDLESS = "9".repeat(400);
const LOCAL = { as: "local" } as const;

/** Nothing of these may be taken for something else. */
const TYPES = ["abc", "-1", "0", "1.5", "1e9", "NaN", "", "[]", "1001", "null", ENDLESS];
const PATHS = [
  "..%2F..%2Fetc%2Fpasswd",
  "%2e%2e%2f%2e%2e",
  "..",
  "%00",
  "a%00b",
  "%5C..%5C..",
  "file:%2F%2F%2Fetc",
  "%E0%A4%A",
  ".hidden",
  "a%2Fb",
];
const INJECTIONS = ["' or 1=1 --", "1; drop table run", "\u0000", "${7*7}", "<script>alert(1)</script>", '"}'];

function reads(run: string): Bad[] {
  const queries = ["limit", "cursor"].flatMap((name) =>
    TYPES.filter((value) => !(name === "cursor" && value === "")).map((value): Bad => [
      `/api/runs?${name}=${encodeURIComponent(value)}`,
      LOCAL,
    ]),
  );
  return [
    ...queries.filter(([target]) => target !== "/api/runs?cursor="),
    ...TYPES.map((value): Bad => [`/api/runs/${run}/logs?tail=${value}`, LOCAL]),
    ...TYPES.slice(0, 8).map((value): Bad => [`/api/runs/${run}/logs?attempt=${value}`, LOCAL]),
    ["/api/runs?state=winning", LOCAL],
    ["/api/runs?from=yesterday", LOCAL],
    ["/api/runs?to=2026-13-45T00:00:00Z", LOCAL],
    ["/api/runs?nothing=1", LOCAL],
    ["/api/runs?limit=1&limit=2", LOCAL],
    [`/api/runs?cursor=${LONG}`, LOCAL],
    ["/api/workflows?retired=maybe", LOCAL],
    ["/api/workflows/sales/grid?runs=201", LOCAL],
    ["/api/workflows/sales/graph?run=!!", LOCAL],
    ["/api/workflows/sales/graph?version=nothing", LOCAL],
    ["/api/workflows/sales/versions/zz/diff", LOCAL],
    ["/api/workflows/sales/preview?after=soon", LOCAL],
    ["/api/workflows/sales/preview?count=0", LOCAL],
    ["/api/workflows/sales/windows", LOCAL],
    ["/api/workflows/sales/windows?from=x&to=y", LOCAL],
    ["/api/runs?select=nothing", LOCAL],
    ["/api/runs?select=state:winning", LOCAL],
    ["/api/runs?select=state:failed&state=failed", LOCAL],
    [`/api/runs?select=${LONG}`, LOCAL],
    [`/api/runs/${run}/task-runs?outputs=some`, LOCAL],
    ["/api/backfills?state=winning", LOCAL],
    ["/api/backfills/zz", LOCAL],
    ["/api/backfills/..%2F..", LOCAL],
    ["/api/alerts?state=shouted", LOCAL],
    ["/api/alerts?run=!!", LOCAL],
    ["/api/alerts/0", LOCAL],
    ["/api/alerts/999999", LOCAL],
    ["/api/events?kind=surprise", LOCAL],
    ["/api/events?name=a%00b", LOCAL],
    ["/api/timeline", LOCAL],
    ["/api/timeline?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", LOCAL],
    ["/api/timeline?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", LOCAL],
    ["/api/schedules/coming?after=soon", LOCAL],
    ["/api/schedules/coming?count=1001", LOCAL],
    ["/api/overview?of=everything", LOCAL],
    ["/api/workers?limit=0", LOCAL],
    ["/api/live?topics=everything", LOCAL],
    ["/api/live?topics=run:", LOCAL],
    ["/api/live?topics=run:..%2F..", LOCAL],
    ["/api/live?topics=a,b,c,d,e,f,g,h,i,j,k", LOCAL],
    [`/api/runs/${run}/task-runs/x`, LOCAL],
    [`/api/runs/${run}/task-runs/99999`, LOCAL],
    ["/api/health", LOCAL],
    ["/api/../etc/passwd", LOCAL],
    ["/auth?token=wrong"],
    ["/auth"],
  ];
}

const paths = (run: string): Bad[] =>
  PATHS.flatMap((path): Bad[] => [
    [`/api/runs/${run}/artifacts/1/1/${path}`, LOCAL],
    [`/api/runs/${path}/logs`, LOCAL],
    [`/api/runs/${path}`, LOCAL],
    [`/api/workflows/${path}/grid`, LOCAL],
  ]);

const injections = (): Bad[] =>
  INJECTIONS.flatMap((text): Bad[] => {
    const word = encodeURIComponent(text);
    return [
      [`/api/runs/${word}`, LOCAL],
      [`/api/workflows/${word}`, LOCAL],
      [`/api/runs?state=${word}`, LOCAL],
      [`/api/users/${word}`, { ...LOCAL, method: "DELETE" }],
      ["/api/runs", { ...LOCAL, method: "POST", body: { workflow: text } }],
      ["/api/users", { ...LOCAL, method: "POST", body: { name: text, role: "admin" } }],
    ];
  });

function writes(run: string): Bad[] {
  const post = (target: string, body: unknown, more: Asked = {}): Bad => [
    target,
    { ...LOCAL, method: "POST", body, ...more },
  ];
  return [
    ...["{", "[1,2]", '"text"', "12", "null", "{}", `{"workflow":1}`].map((body) => post("/api/runs", body)),
    post("/api/runs", { workflow: "sales", nothing: 1 }),
    post("/api/runs", { workflow: "sales", date: "not a date" }),
    post("/api/runs", { workflow: "sales", version: "zz" }),
    post("/api/runs", { workflow: "sales", params: { a: 1 } }),
    post("/api/runs", { workflow: LONG }),
    post("/api/runs", { workflow: "sales", params: "x".repeat(1024 * 1024 + 1) }),
    post("/api/runs", { workflow: "sales" }, { headers: { "idempotency-key": "with space" } }),
    post("/api/runs", { workflow: "sales" }, { headers: { "idempotency-key": LONG } }),
    post("/api/runs", "workflow=sales", { headers: { "content-type": "application/x-www-form-urlencoded" } }),
    post("/api/runs", "workflow", { headers: { "content-type": "text/plain" } }),
    post(`/api/runs/${run}/cancel`, { now: true }),
    post(`/api/runs/${run}/cancel?force=true`, {}),
    post(`/api/runs/${run}/cancel`, {}),
    post(`/api/runs/${run}/retry`, { version: "newest" }),
    post(`/api/runs/${run}/retry`, { fresh: "yes" }),
    post("/api/runs/bulk", { act: "delete", ids: [run] }),
    post("/api/runs/bulk", { act: "cancel" }),
    post("/api/runs/bulk", { act: "cancel", ids: [] }),
    post("/api/runs/bulk", { act: "cancel", ids: ["x"] }),
    post("/api/runs/bulk", { act: "cancel", selection: {} }),
    post("/api/runs/bulk", { act: "cancel", ids: [run], selection: { workflow: ["sales"] } }),
    post("/api/runs/bulk", { act: "cancel", selection: { select: " " } }),
    post("/api/runs/bulk", { act: "cancel", selection: { state: [] } }),
    post("/api/runs/bulk", { act: "cancel", selection: { select: "colour:red" } }),
    post("/api/runs/bulk", { act: "clear", ids: [run] }),
    post("/api/runs/bulk", { act: "mark", ids: [run], tasks: ["load"] }),
    post("/api/runs/bulk", { act: "clear", ids: [run], tasks: ["load"], as: "failed" }),
    post("/api/runs/bulk", { act: "clear", ids: [run], tasks: [] }),
    post("/api/runs/bulk", { act: "retry", ids: [run], tasks: ["load"] }),
    post("/api/runs/bulk", { act: "cancel", ids: [run], retry: {} }),
    post("/api/runs/bulk", { act: "cancel", ids: [run], downstream: true }),
    post("/api/runs/bulk", { act: "clear", ids: [run], tasks: ["load"], reason: "why" }),
    post("/api/backfills/bulk", { act: "delete", ids: [run] }),
    post("/api/backfills/bulk", { act: "cancel" }),
    post("/api/backfills/bulk", { act: "cancel", selection: {} }),
    post("/api/backfills/bulk", { act: "cancel", selection: { workflow: [] } }),
    post("/api/backfills/bulk", { act: "cancel", selection: { state: ["failed"] } }),
    post("/api/backfills/bulk", { act: "cancel", ids: ["../x"] }),
    post("/api/alerts/bulk", { act: "retry" }),
    post("/api/alerts/bulk", { act: "retry", selection: {} }),
    post("/api/alerts/bulk", { act: "retry", ids: ["1"] }),
    post("/api/alerts/bulk", { act: "retry", ids: [1], selection: { webhook: 1 } }),
    post("/api/alerts/bulk", { act: "retry", selection: { run: "nothing-like-it" } }),
    post("/api/workflows/bulk", { act: "pause" }),
    post("/api/workflows/bulk", { act: "pause", selection: {} }),
    post("/api/workflows/bulk", { act: "pause", selection: { q: " " } }),
    post("/api/workflows/bulk", { act: "pause", names: [] }),
    post("/api/workflows/bulk", { act: "pause", names: ["sales"], selection: { tag: ["finance"] } }),
    post("/api/runs", { workflow: "sales", id: "0".repeat(26) }),
    post("/api/runs", { workflow: "sales", id: run }),
    post("/api/runs", { workflow: "sales", window: { start: "2026-01-02T00:00:00Z", end: "2026-01-01T00:00:00Z" } }),
    post("/api/runs", { workflow: "sales", window: { start: "soon", end: "later" } }),
    post("/api/backfills", { workflow: "sales", from: "2026-01-01", to: "2026-01-02" }),
    post("/api/backfills", { workflow: "nothing", from: "2026-01-01", to: "2026-01-02" }),
    post("/api/backfills", { workflow: "sales", from: "2026-01-01" }),
    post("/api/backfills", { workflow: "sales", from: "2026-01-01", to: "2026-01-02", order: "random" }),
    post("/api/backfills", { workflow: "sales", from: "2026-01-01", to: "2026-01-02", maxActiveRuns: 0 }),
    post("/api/backfills/preview", { workflow: "sales", partition: "" }),
    post("/api/backfills/zz/pause", {}),
    post("/api/alerts/1/retry", {}),
    post("/api/events/%20", {}),
    post("/api/events/a%0Ab", {}),
    post("/api/events/a", "x".repeat(10), { headers: { "content-type": "text/plain" } }),
    post("/api/events/a", { big: "x".repeat(300_000) }),
    post("/api/events/a?key=", {}),
    post("/api/events/a", {}, { as: null, headers: { "webhook-id": "1", "webhook-signature": "v1,x" } }),
    post("/api/workflows/nothing/pause", {}),
    post("/api/users", { name: "ada", role: "king" }),
    post("/api/users", { name: "Ada Lovelace", role: "viewer" }),
    post("/api/users", { name: "ada", role: "viewer", password: "short" }),
    post("/api/users", { name: "ada", role: "viewer", tags: "finance" }),
    post("/api/tokens", { name: "t", role: "root" }),
    post("/api/tokens", { name: "t", expiresAt: "2001-01-01T00:00:00Z" }),
    post("/api/tokens", { name: "t", expiresAt: "soon" }),
    post("/api/session", { name: "ada", password: "wrong wrong" }, { as: null }),
    post("/api/session", { name: "ada" }, { as: null }),
    post("/api/session/first", { key: "wrong", name: "eve", password: "long enough!" }, { as: null }),
    post("/api/session/password", { old: "x", new: "long enough!" }),
    ["/api/users/nobody", { ...LOCAL, method: "PATCH", body: { role: "admin" } }],
    ["/api/users/nobody", { ...LOCAL, method: "DELETE" }],
    ["/api/tokens/1", { ...LOCAL, method: "DELETE" }],
    ["/api/tokens/x", { ...LOCAL, method: "DELETE" }],
    ["/api/runs", { ...LOCAL, method: "PUT", body: {} }],
    ["/api/runs", { ...LOCAL, method: "PROPFIND" }],
    ["/api/audit", { ...LOCAL, method: "DELETE" }],
    ["/api/runs", { ...LOCAL, headers: { "idempotency-key": "k" } }],
  ];
}

const forged = (): Bad[] => {
  const bearer = (token: string): Bad => ["/api/users", { headers: { authorization: token } }];
  const cookie = (value: string): Bad => ["/api/users", { headers: { cookie: `tutti_test=${value}` } }];
  return [
    bearer("Bearer "),
    bearer("Bearer null"),
    bearer(`Bearer ${LOCAL_TOKEN}x`),
    bearer(`Bearer ${LOCAL_TOKEN.slice(0, -1)}`),
    bearer(`Basic ${Buffer.from("admin:admin").toString("base64")}`),
    bearer(`Bearer ${LONG}`),
    bearer("Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ."),
    bearer(LOCAL_TOKEN),
    cookie("admin"),
    cookie(""),
    cookie(LONG),
    cookie("session-of-admin"),
    cookie(LOCAL_TOKEN),
    cookie("%00"),
    ["/api/users", { headers: { cookie: "tutti_test=a; tutti_test=b" } }],
    ["/api/users?token=" + LOCAL_TOKEN],
  ];
};

test("two hundred bad requests are each refused with a code, and change nothing", async () => {
  const world = await testServer();
  const { failed, going } = await world.fill();
  const state = async () => ({
    runs: await world.reader.listRuns({ limit: 100 }),
    events: await world.reader.listEvents({ limit: 100 }),
    backfills: await world.reader.listBackfills({ limit: 100 }),
    users: await world.reader.access.users(),
    tokens: await world.reader.access.tokens(),
    audit: await world.reader.access.audit({ limit: 100 }),
    workflows: await world.reader.listWorkflows(),
  });
  const elsewhere = (await (await world.ask("/api/workflows?limit=1", LOCAL)).json()) as { next: string };
  const before = await state();
  const all: readonly Bad[] = [
    ...reads(failed),
    ...paths(failed),
    ...injections(),
    ...writes(failed),
    ...forged(),
    [`/api/runs?cursor=${elsewhere.next}`, LOCAL],
    [`/api/workflows?tag=other&cursor=${elsewhere.next}`, LOCAL],
    [`/api/runs/${going}/retry`, { ...LOCAL, method: "POST", body: {} }],
  ];
  expect(all.length).toBeGreaterThanOrEqual(200);
  const wrong: string[] = [];
  for (const [target, asked] of all) {
    const answer = await world.ask(target, asked);
    const text = await answer.text();
    const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
    if (answer.status < 400 || answer.status >= 500 || answer.status === 429 || code === undefined)
      wrong.push(
        `${asked?.method ?? "GET"} ${target.slice(0, 120)} ${JSON.stringify(asked?.body)?.slice(0, 80)}: ${answer.status} ${text.slice(0, 100)}`,
      );
  }
  expect(wrong).toEqual([]);
  expect(await state()).toEqual(before);
  expect(world.said).toEqual([]);
});

test("too many requests are told to wait", async () => {
  const { ask } = await testServer({ burst: 20 });
  const statuses = new Set<number>();
  for (let asked = 0; asked < 100; asked++) {
    const answer = await ask("/health/live");
    statuses.add(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  expect([...statuses]).toEqual([200, 429]);
});

test("HEAD and OPTIONS say what there is, without a body", async () => {
  const { ask } = await testServer();
  const head = await ask("/api/runs", { ...LOCAL, method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  const options = await ask("/api/runs", { method: "OPTIONS", headers: { origin: "http://localhost:4747" } });
  expect([options.status, options.headers.get("allow")]).toEqual([204, "OPTIONS, GET, HEAD, POST"]);
  expect(options.headers.get("access-control-allow-origin")).toBeNull();
});
