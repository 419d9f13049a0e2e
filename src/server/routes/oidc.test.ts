import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOidc } from "../../loader/config-oidc.ts";
import { OidcSignIn, userOf } from "../auth/oidc.ts";
import { ORIGIN, testServer } from "../fixture.test-data.ts";

const REDIRECT = `${ORIGIN}/auth/oidc/callback`;
const ACCOUNTS = {
  ada: { email: "Ada@example.com", email_verified: true, groups: ["admins"] },
  bob: { email: "bob@example.com", email_verified: true, groups: ["finance", "ops", "others"] },
  eve: { email: "eve@example.com", email_verified: true, groups: ["others"] },
  mallory: { email: "ada@example.com", email_verified: false, groups: ["admins"] },
};
const GROUPS = {
  admins: "admin",
  finance: { role: "operator", tags: ["finance"] },
  ops: { role: "viewer", tags: ["ops"] },
};
const PROVIDER = join(import.meta.dirname, "..", "..", "..", "test", "support", "oidc-provider.mjs");

let provider: ReturnType<typeof fork>;
let issuer = "";

beforeAll(async () => {
  const client = {
    client_id: "tutti",
    client_secret: "the-secret",
    redirect_uris: [REDIRECT],
    scope: "openid email groups",
  };
  provider = fork(PROVIDER, [JSON.stringify({ accounts: ACCOUNTS, client })], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  [{ issuer }] = (await once(provider, "message")) as [{ issuer: string }];
});
afterAll(() => void provider.kill());

const settings = (more: object = {}) =>
  readOidc(
    { issuer, clientId: "tutti", clientSecret: "the-secret", scope: "openid email groups", groups: GROUPS, ...more },
    undefined,
  );

/** A browser: keeps cookies by site, and stops where it is led to our own server. */
class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  keep(origin: string, headers: Headers): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    for (const line of headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
  }

  cookies(origin: string): string {
    return Array.from(this.#cookies.get(origin) ?? [], ([name, value]) => `${name}=${value}`).join("; ");
  }

  /** What the provider's own pages ask for, answered. Answers where it leads back to. */
  async signIn(url: string, login: string): Promise<URL> {
    let at = new URL(url);
    let form: URLSearchParams | undefined;
    for (let step = 0; step < 20 && at.origin !== ORIGIN; step++) {
      const response = await fetch(at, {
        redirect: "manual",
        headers: { cookie: this.cookies(at.origin) },
        ...(form && { method: "POST", body: form }),
      });
      this.keep(at.origin, response.headers);
      const next = response.headers.get("location");
      form = undefined;
      if (next !== null) at = new URL(next, at);
      else {
        const page = await response.text();
        const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
        if (action === undefined) throw new Error(`The provider says: ${page.slice(0, 300)}`);
        at = new URL(action, at);
        form = new URLSearchParams({
          prompt: page.includes('name="login"') ? "login" : "consent",
          login,
          password: "any",
        });
      }
    }
    return at;
  }
}

type World = Awaited<ReturnType<typeof testServer>>;

/** All of it: from our server to the provider and back. */
async function signIn({ ask }: World, login: string): Promise<{ answer: Response; browser: Browser; back: URL }> {
  const browser = new Browser();
  const begun = await ask("/auth/oidc");
  expect(begun.status).toBe(303);
  browser.keep(ORIGIN, begun.headers);
  const back = await browser.signIn(begun.headers.get("location")!, login);
  const answer = await ask(back.pathname + back.search, { headers: { cookie: browser.cookies(ORIGIN) } });
  browser.keep(ORIGIN, answer.headers);
  return { answer, browser, back };
}

const world = (more: object = {}) => testServer({ oidc: new OidcSignIn(settings(more), REDIRECT) });
const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;

test("who signs in at the provider is let in, with the rights of his groups, and leaves as anybody does", async () => {
  const server = await world();
  expect(await (await server.ask("/api/session/ways")).json()).toEqual({
    password: true,
    oidc: { label: "Single sign-on", url: "/auth/oidc" },
  });
  const { answer, browser } = await signIn(server, "bob");
  expect(answer.status).toBe(200);
  expect(answer.headers.getSetCookie().find((line) => line.startsWith("tutti_test="))).toMatch(
    /HttpOnly.*SameSite=Strict/,
  );
  const headers = { cookie: browser.cookies(ORIGIN) };
  expect(headers.cookie).not.toContain("_oidc");
  const me = (await (await server.ask("/api/session", { headers })).json()) as { csrf: string };
  expect(me).toMatchObject({ actor: "user:bob@example.com", role: "operator", tags: ["finance", "ops"] });
  const out = await server.ask("/api/session", { method: "DELETE", headers: { ...headers, "x-tutti-csrf": me.csrf } });
  expect(out.status).toBe(204);
  expect((await server.ask("/api/session", { headers })).status).toBe(401);
  const { items } = (await (await server.ask("/api/audit", { as: "local" })).json()) as {
    items: { action: string; actor: string }[];
  };
  expect(items.map(({ actor, action }) => `${actor} ${action}`).toReversed()).toEqual([
    "oidc:bob@example.com user.create",
    "user:bob@example.com session.open",
    "user:bob@example.com session.close",
  ]);
});

test("rights follow the provider with each sign-in; whoever was disabled here, or is nobody there, stays out", async () => {
  const server = await world();
  const { engine } = server;
  await engine.administer(
    { kind: "create_user", name: "ada@example.com", role: "viewer", tags: ["x"], password: null, at: 1 },
    null,
  );
  expect((await signIn(server, "ada")).answer.status).toBe(200);
  expect((await server.reader.access.credential("ada@example.com"))?.user).toMatchObject({ role: "admin", tags: null });
  await engine.administer({ kind: "change_user", name: "ada@example.com", disabled: true }, null);
  for (const login of ["ada", "eve", "mallory"]) {
    const { answer } = await signIn(server, login);
    expect([login, answer.status, await codeOf(answer)]).toEqual([login, 403, "OIDC_REFUSED"]);
  }
  expect((await server.reader.access.users()).map(({ name }) => name)).toEqual(["ada@example.com"]);
});

test("a name that has a password here is not taken over, and without groups only known users are let in", async () => {
  const server = await world({ groups: undefined });
  const { engine } = server;
  await engine.administer(
    { kind: "create_user", name: "ada@example.com", role: "admin", tags: null, password: "x", at: 1 },
    null,
  );
  await engine.administer(
    { kind: "create_user", name: "eve@example.com", role: "editor", tags: null, password: null, at: 1 },
    null,
  );
  const statuses = [];
  for (const login of ["ada", "bob", "eve"]) statuses.push((await signIn(server, login)).answer.status);
  expect(statuses).toEqual([403, 403, 200]);
  expect((await server.reader.access.credential("eve@example.com"))?.user.role).toBe("editor");
});

test("an answer that this browser did not ask for, or was used before, or was changed, lets in nobody", async () => {
  const server = await world();
  const { browser, back } = await signIn(server, "ada");
  const again = new Browser();
  const begun = await server.ask("/auth/oidc");
  again.keep(ORIGIN, begun.headers);
  const other = await again.signIn(begun.headers.get("location")!, "ada");
  const cookie = again.cookies(ORIGIN);
  const changed = new URL(other);
  changed.searchParams.set("code", "forged");
  const forState = new URL(back);
  forState.searchParams.set("state", other.searchParams.get("state")!);
  const codes = [];
  for (const [target, headers] of [
    ["/auth/oidc/callback", {}],
    [other.pathname + other.search, {}],
    [other.pathname + other.search, { cookie: browser.cookies(ORIGIN) }],
    [back.pathname + back.search, { cookie }],
    [forState.pathname + forState.search, { cookie }],
    [changed.pathname + changed.search, { cookie }],
    [`/auth/oidc/callback?error=access_denied&state=${other.searchParams.get("state")}`, { cookie }],
    [other.pathname + other.search, { cookie: "tutti_test_oidc=%7B%7D" }],
  ] as const) {
    const answer = await server.ask(target, { headers });
    codes.push(`${answer.status} ${await codeOf(answer)}`);
  }
  expect(new Set(codes)).toEqual(new Set(["403 OIDC_REFUSED"]));
  expect((await server.ask("/auth/oidc/callback?evil=1")).status).toBe(400);
});

test("a provider that can't be asked is said so, and none that is not configured is asked", async () => {
  const gone = new OidcSignIn({ ...settings(), issuer: "http://127.0.0.1:9" }, REDIRECT);
  const answer = await (await testServer({ oidc: gone })).ask("/auth/oidc");
  expect([answer.status, await codeOf(answer)]).toEqual([502, "OIDC_UNREACHABLE"]);
  const none = await (await testServer()).ask("/auth/oidc");
  expect([none.status, await codeOf(none)]).toEqual([404, "OIDC_NOT_CONFIGURED"]);
});

test("a claim that can be no name is refused, and the best of several groups counts", () => {
  const own = settings({ nameClaim: "sub", groups: { ...GROUPS, root: { role: "editor" } }, defaultRole: "viewer" });
  for (const sub of ["", " ", "a b", 7, undefined, "x".repeat(101), "../etc"])
    expect(() => userOf({ sub }, own)).toThrow(expect.objectContaining({ code: "OIDC_REFUSED" }));
  expect(userOf({ sub: "a", groups: ["finance", "root"] }, own).rights).toEqual({ role: "editor", tags: null });
  expect(userOf({ sub: "a", groups: "ops" }, own).rights).toEqual({ role: "viewer", tags: ["ops"] });
  expect(userOf({ sub: "a", groups: ["__proto__", { admins: 1 }] }, own).rights).toEqual({
    role: "viewer",
    tags: null,
  });
});

test("what the configuration says of a provider is checked", () => {
  const wrong = [
    {},
    { issuer: "http://id.example.com", clientId: "a" },
    { issuer: "https://id.example.com" },
    { issuer: "https://id.example.com", clientId: "a", defaultRole: "root" },
    { issuer: "https://id.example.com", clientId: "a", groups: { a: { role: "viewer", tags: [] } } },
    { issuer: "https://id.example.com", clientId: "a", secret: "x" },
  ];
  for (const value of wrong)
    expect(() => readOidc(value, undefined), JSON.stringify(value)).toThrow(/must|has no field/);
  expect(readOidc({ issuer: "https://id.example.com", clientId: "a" }, "from the environment").clientSecret).toBe(
    "from the environment",
  );
});
