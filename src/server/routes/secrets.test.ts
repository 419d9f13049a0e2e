import { expect, test } from "vitest";
import { addKeyToFile } from "../../owner/secrets/key-ring.ts";
import { testServer } from "../fixture.test-data.ts";

const VALUE = "sw0rdfish";
const URL = "postgres://me:hunter22@db.example.com:5432/orders";

test("a value goes in and never comes out: not in an answer, a list, the audit log, or the store", async () => {
  const { ask, config, reader } = await testServer();
  const post = (path: string, body: object) => ask(path, { method: "POST", as: "editor", body });
  const early = await post("/api/secrets", { name: "api-key", value: VALUE });
  expect([early.status, ((await early.json()) as { error: { code: string } }).error.code]).toEqual([
    409,
    "ENCRYPTION_KEY_MISSING",
  ]);
  addKeyToFile(config.encryptionKeyFile);
  const texts: string[] = [];
  for (const [path, body] of [
    ["/api/secrets", { name: "api-key", value: VALUE, description: "of the bank" }],
    ["/api/connections", { name: "orders", url: URL, tags: ["finance"] }],
  ] as const) {
    const set = await post(path, body);
    expect(set.status).toBe(200);
    texts.push(await set.text(), await (await ask(path, { as: "viewer" })).text());
  }
  const audit = await (await ask("/api/audit", { as: "admin" })).text();
  const kept = JSON.stringify([
    await reader.secrets.sealed("secret", ["api-key"]),
    await reader.secrets.sealed("connection", ["orders"]),
  ]);
  for (const text of [...texts, audit, kept])
    for (const secret of [VALUE, "hunter22"]) expect(text).not.toContain(secret);
  expect(JSON.parse(texts[1]!)).toMatchObject({
    items: [{ name: "api-key", description: "of the bank", tags: null, updatedBy: "user:a.editor" }],
  });
  expect(JSON.parse(texts[3]!)).toMatchObject({
    items: [{ name: "orders", shown: "postgres://me:***@db.example.com:5432/orders", tags: ["finance"] }],
  });
  expect((JSON.parse(audit) as { items: { action: string }[] }).items.map(({ action }) => action)).toEqual([
    "connection.set",
    "secret.set",
  ]);
});

test("whoever may see some workflows keeps and sees secrets for those only", async () => {
  const { ask, config, token } = await testServer();
  addKeyToFile(config.encryptionKeyFile);
  const headers = { authorization: `Bearer ${await token("editor", { tags: ["finance"] })}` };
  const post = async (body: object, as?: "editor") =>
    (await ask("/api/secrets", { method: "POST", body, ...(as === undefined ? { headers } : { as }) })).status;
  expect(await post({ name: "all", value: "x" }, "editor")).toBe(200);
  expect(await post({ name: "shared", value: "x", tags: ["finance", "ops"] }, "editor")).toBe(200);
  expect(await post({ name: "own", value: "x" })).toBe(200);
  for (const body of [
    { name: "mine", value: "x", tags: null },
    { name: "mine", value: "x", tags: ["ops"] },
    { name: "mine", value: "x", tags: [] },
    { name: "all", value: "x" },
    { name: "shared", value: "x" },
  ])
    expect(await post(body), JSON.stringify(body)).toBe(403);
  const list = (await (await ask("/api/secrets", { headers })).json()) as { items: { name: string }[] };
  expect(list.items.map(({ name }) => name)).toEqual(["own", "shared"]);
  const remove = async (name: string) => (await ask(`/api/secrets/${name}`, { method: "DELETE", headers })).status;
  expect([await remove("all"), await remove("shared"), await remove("own"), await remove("own")]).toEqual([
    404, 403, 204, 404,
  ]);
});

test("what can be no secret is refused", async () => {
  const { ask, config } = await testServer();
  addKeyToFile(config.encryptionKeyFile);
  const codes = [];
  for (const [path, body] of [
    ["/api/secrets", { name: " a", value: "x" }],
    ["/api/secrets", { name: "a\nb", value: "x" }],
    ["/api/secrets", { name: "a", value: "  " }],
    ["/api/secrets", { name: "a", value: "ä".repeat(40_000) }],
    ["/api/connections", { name: "a", url: "no url" }],
  ] as const) {
    const answer = await ask(path, { method: "POST", as: "editor", body });
    codes.push(`${answer.status} ${((await answer.json()) as { error: { code: string } }).error.code}`);
  }
  expect(codes).toEqual(["400 BAD_NAME", "400 BAD_NAME", "400 BAD_SECRET", "400 BAD_SECRET", "400 BAD_SECRET"]);
});
