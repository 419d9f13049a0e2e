import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TuttiError } from "../../core/errors.ts";
import { mayAs, type Role, type TagLimit } from "../../core/role.ts";
import type { OidcSettings } from "../../loader/config-oidc.ts";

type ClientModule = typeof import("openid-client");
type Client = Awaited<ReturnType<ClientModule["discovery"]>>;

const PACKAGE = "openid-client";
/** As long as what the provider said of itself is believed. */
const KNOWN_MS = 3_600_000;

/** What the browser keeps between leaving for the provider and coming back. */
export interface OidcAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who the provider says that somebody is, and what that lets him do here. */
export interface OidcUser {
  readonly name: string;
  /** `null`: what an admin has given him here. */
  readonly rights: { readonly role: Role; readonly tags: TagLimit } | null;
}

/** Signs in by OpenID Connect: authorization code with PKCE, state and nonce. The provider is asked when the first one signs in. */
export class OidcSignIn {
  readonly settings: OidcSettings;
  readonly #redirectUri: string;
  #known: { readonly until: number; readonly client: Promise<{ module: ClientModule; client: Client }> } | null = null;

  constructor(settings: OidcSettings, redirectUri: string) {
    this.settings = settings;
    this.#redirectUri = redirectUri;
  }

  /** Where the browser goes, and what it keeps meanwhile. @throws TuttiError `OIDC_UNREACHABLE`, `DRIVER_MISSING` */
  async begin(): Promise<{ readonly url: string; readonly attempt: OidcAttempt }> {
    const { module, client } = await this.#client();
    const attempt = {
      state: module.randomState(),
      nonce: module.randomNonce(),
      verifier: module.randomPKCECodeVerifier(),
    };
    const url = module.buildAuthorizationUrl(client, {
      redirect_uri: this.#redirectUri,
      scope: this.settings.scope,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await module.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: "S256",
    });
    return { url: url.href, attempt };
  }

  /** What the provider says of whoever came back. @throws TuttiError `OIDC_REFUSED`, `OIDC_UNREACHABLE`, `DRIVER_MISSING` */
  async end(query: string, { state, nonce, verifier }: OidcAttempt): Promise<OidcUser> {
    const { module, client } = await this.#client();
    const url = new URL(`${this.#redirectUri}?${query}`);
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    const tokens = await module.authorizationCodeGrant(client, url, checks).catch((error: unknown) => {
      throw refused(`the provider's answer does not hold: ${reasonOf(error)}`, error);
    });
    const told = tokens.claims()!;
    // Some providers say more there than in the token itself.
    const more = client.serverMetadata().userinfo_endpoint
      ? await module.fetchUserInfo(client, tokens.access_token, told.sub).catch(() => ({}))
      : {};
    return userOf({ ...more, ...told }, this.settings);
  }

  async #client(): Promise<{ module: ClientModule; client: Client }> {
    if (this.#known === null || this.#known.until < performance.now()) {
      const client = this.#discover();
      this.#known = { until: performance.now() + KNOWN_MS, client };
      client.catch(() => (this.#known = null));
    }
    return this.#known.client;
  }

  async #discover(): Promise<{ module: ClientModule; client: Client }> {
    const module = await clientModule();
    const { issuer, clientId, clientSecret } = this.settings;
    const insecure = new URL(issuer).protocol === "http:" ? { execute: [module.allowInsecureRequests] } : {};
    const auth = clientSecret === null ? module.None() : undefined;
    try {
      const client = await module.discovery(new URL(issuer), clientId, clientSecret ?? undefined, auth, insecure);
      return { module, client };
    } catch (error) {
      throw new TuttiError("OIDC_UNREACHABLE", `The provider "${issuer}" can't be asked: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** @throws TuttiError `OIDC_REFUSED` */
export function userOf(claims: Readonly<Record<string, unknown>>, settings: OidcSettings): OidcUser {
  const { nameClaim, groupsClaim, groups, defaultRole } = settings;
  const said = claims[nameClaim];
  const name = typeof said === "string" ? said.trim().toLowerCase() : "";
  if (!/^[a-z0-9][a-z0-9._@+-]{0,99}$/.test(name))
    throw refused(`the claim "${nameClaim}" holds no name that can be a user's here`);
  if (nameClaim === "email" && claims["email_verified"] === false)
    throw refused(`the provider has not verified the address "${name}"`);
  if (groups === null) return { name, rights: defaultRole === null ? null : { role: defaultRole, tags: null } };
  const own = [claims[groupsClaim]].flat().filter((group): group is string => typeof group === "string");
  const matched = own.flatMap((group) => (Object.hasOwn(groups, group) ? [groups[group]!] : []));
  if (matched.length === 0) {
    if (defaultRole === null) throw refused(`"${name}" is in none of the groups that are let in`);
    return { name, rights: { role: defaultRole, tags: null } };
  }
  const role = matched.reduce<Role>((best, each) => (mayAs(each.role, best) ? each.role : best), "viewer");
  const tags = matched.some((each) => each.tags === null)
    ? null
    : [...new Set(matched.flatMap((each) => each.tags ?? []))];
  return { name, rights: { role, tags } };
}

export const refused = (why: string, cause?: unknown): TuttiError =>
  new TuttiError("OIDC_REFUSED", `You were not let in: ${why}.`, { cause });

/** Its own words, without what it was sent. */
function reasonOf(error: unknown): string {
  const {
    code,
    error: word,
    message,
    cause,
  } = error as { code?: string; error?: string; message?: string; cause?: unknown };
  const inner = (cause as { code?: string } | undefined)?.code;
  return [message ?? "it failed", word, code, inner]
    .filter((part) => typeof part === "string" && part !== "")
    .join(", ");
}

/** An optional peer: from beside this package, or from the project's folder. @throws TuttiError `DRIVER_MISSING` */
async function clientModule(): Promise<ClientModule> {
  const beside = await import(PACKAGE).catch(() => null);
  if (beside !== null) return beside as ClientModule;
  try {
    const found = createRequire(join(process.cwd(), "package.json")).resolve(PACKAGE);
    return (await import(pathToFileURL(found).href)) as ClientModule;
  } catch (cause) {
    throw new TuttiError(
      "DRIVER_MISSING",
      `Signing in by OpenID Connect needs the package "${PACKAGE}", which is not installed. Install it: npm install ${PACKAGE}`,
      { cause },
    );
  }
}
