import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { TuttiError } from "../core/errors.ts";
import { type Contract, namesIn } from "../api/contract.ts";
import { PATH_PARAMS } from "../api/path-params.ts";
import { identify, remoteAddress, unauthenticated } from "./auth/identify.ts";
import { type SignedCaller, signedCaller } from "./auth/signed-caller.ts";
import { sameSecret } from "../owner/access/secret.ts";
import { type Caller, requireRole } from "./caller.ts";
import { answerTo, badRequest } from "./failure.ts";
import type { Call, Route } from "./handler.ts";
import { checker, readBody, readQuery } from "./input.ts";
import type { ServerContext } from "./server-context.ts";
import { UiFiles } from "./ui-files.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/** Nothing but our own files, and no scripts in the page itself. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** The HTTP side of everything: who may come in, what he brings, and what goes wrong. Testable without a socket. */
export function makeApp(server: ServerContext, routes: readonly Route[], ui: UiFiles = new UiFiles()): Hono {
  const app = new Hono();
  app.use(async (http, next) => {
    server.counters.requests += 1;
    for (const [name, value] of Object.entries(HEADERS)) http.header(name, value);
    if (!http.req.path.startsWith("/health/")) server.addresses.check(http.req.raw.headers);
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new TuttiError("BODY_TOO_LARGE", `The body is larger than ${MAX_BODY_BYTES} bytes.`);
      },
    }),
  );
  for (const route of routes) app.on(route.contract.method.toUpperCase(), honoPath(route), serve(route, server));
  const methods = methodsByPath(routes);
  for (const [path, allowed] of methods)
    app.all(path, (http) => {
      http.header("allow", allowed.join(", "));
      if (http.req.method === "OPTIONS") return http.body(null, 204);
      throw new TuttiError(
        "METHOD_NOT_ALLOWED",
        `${http.req.method} is not for ${http.req.path}: ${allowed.join(", ")} are.`,
      );
    });
  app.get("*", async (http, next) => (await ui.answer(http)) ?? next());
  app.get("/", (http) => http.text("Tutti is here. What it can be asked: /api/openapi.json\n"));
  app.notFound((http) => {
    throw new TuttiError("NOT_FOUND", `There is nothing at ${http.req.path.slice(0, 200)}. See /api/openapi.json.`);
  });
  app.onError((error, http) => failed(error, http, server));
  return app;
}

/** `/runs/{run}` as the router writes it. */
const honoPath = ({ contract: { path } }: Route): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    const method = route.contract.method.toUpperCase();
    const known = methods.get(honoPath(route)) ?? ["OPTIONS"];
    methods.set(honoPath(route), method === "GET" ? [...known, "GET", "HEAD"] : [...known, method]);
  }
  return methods;
}

function serve(route: Route, server: ServerContext) {
  const { contract, handle } = route;
  const read = inputReader(route);
  return async (http: Context): Promise<Response> => {
    const caller = await letIn(http, route, server);
    const call = { ...(await read(http)), caller, key: idempotencyKey(http, route, caller), http } as unknown as Call<
      typeof contract
    >;
    const answer = await handle(call, server);
    if (answer instanceof Response) return answer;
    http.header("cache-control", "no-store");
    if (contract.response === null) return http.body(null, 204);
    if (contract.media === "text/plain") return http.text(answer as string);
    return http.json(answer as object, (contract.status ?? 200) as 200);
  };
}

async function letIn(http: Context, { contract }: Route, server: ServerContext): Promise<Caller | null> {
  const open = contract.role === "nobody";
  // Whoever is let in anyway may bring a cookie that has expired.
  const caller = open ? null : await whoAsks(http, contract, server);
  const waitS = server.limits.take(caller?.actor ?? remoteAddress(http) ?? "nobody");
  if (waitS > 0) {
    http.header("retry-after", String(waitS));
    throw new TuttiError("RATE_LIMITED", `Too many requests. Try again in ${waitS} s.`);
  }
  if (contract.role === "nobody") return null;
  if (caller === null)
    throw unauthenticated(
      `This needs a token. Programs: authorization: Bearer <token>, made with tutti tokens add. Browsers: the address that tutti start printed, or sign in.`,
    );
  if (contract.method !== "get") checkCsrf(http, caller);
  requireRole(caller, contract.role);
  return caller;
}

/** What shows who asks goes before a signature. */
async function whoAsks(http: Context, { signed }: Contract, server: ServerContext): Promise<Caller | null> {
  const shows = http.req.header("authorization") !== undefined || http.req.header("cookie") !== undefined;
  return (signed === true && !shows ? await signedCaller(http, server) : null) ?? identify(http, server);
}

/** A cookie goes with every request of the browser, whoever made it send that; this header does not. */
function checkCsrf(http: Context, { csrf }: Caller): void {
  if (csrf === null || sameSecret(http.req.header("x-tutti-csrf") ?? "", csrf)) return;
  throw new TuttiError(
    "CSRF_MISSING",
    `With a cookie, a change needs the header x-tutti-csrf: "csrf" of GET /api/session.`,
  );
}

function inputReader({
  contract,
}: Route): (http: Context) => Promise<Pick<Call<typeof contract>, "params" | "query" | "body">> {
  const names = namesIn(contract.path);
  const checkParams = names.map((name) => [name, checker(PATH_PARAMS[name]!)] as const);
  const { query: querySchema, body: bodySchema } = contract;
  const checkQuery = querySchema && checker(querySchema);
  const checkBody = bodySchema && checker(bodySchema);
  return async (http) => {
    const params: Record<string, string> = {};
    for (const [name, check] of checkParams) {
      const value = http.req.param(name) ?? "";
      check(value, `"${name}" in the path`);
      params[name] = value;
    }
    const url = new URL(http.req.url);
    let query: unknown;
    if (querySchema !== undefined && checkQuery !== undefined) {
      query = readQuery(querySchema, url);
      checkQuery(query, "The query");
    } else if (url.search.length > 1) throw badRequest("There is no query here.");
    let body: unknown;
    if (contract.method !== "get") {
      body = readBody(http.req.header("content-type"), await http.req.text());
      // What has nothing but options may be left out.
      if (checkBody !== undefined) checkBody((body ??= isObject(bodySchema) ? {} : undefined), "The body");
      else if (body !== undefined && !isEmpty(body)) throw badRequest("There is no body here.");
    }
    return { params, query, body } as never;
  };
}

const isObject = (schema: unknown): boolean => (schema as { readonly type?: string }).type === "object";

const isEmpty = (body: unknown): boolean => typeof body === "object" && body !== null && Object.keys(body).length === 0;

function idempotencyKey(http: Context, { contract }: Route, caller: Caller | null): string | null {
  const key = http.req.header("idempotency-key");
  const { delivery } = (caller ?? {}) as Partial<SignedCaller>;
  // A sender that had no answer sends the same again.
  if (key === undefined) return (delivery ?? null) === null ? null : `delivery ${delivery!.slice(0, 200)}`;
  if (contract.keyed !== true) throw badRequest("This starts no work: it takes no Idempotency-Key.");
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw badRequest(`"Idempotency-Key" must be 1 to 200 visible ASCII characters without spaces.`);
  return key;
}

function failed(error: unknown, http: Context, server: ServerContext): Response {
  const { status, body } = answerTo(error);
  if (status >= 500 && body.error.code === "INTERNAL")
    server.notice(
      `The server failed at ${http.req.method} ${http.req.path}: ${String((error as Error)?.stack ?? error)}`,
    );
  for (const [name, value] of Object.entries(HEADERS)) http.header(name, value);
  http.header("cache-control", "no-store");
  if (status === 401) http.header("www-authenticate", `Bearer realm="tutti"`);
  server.counters.failed(body.error.code);
  return http.json(body, status);
}
