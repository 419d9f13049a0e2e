import type { TuttiClient } from "../../client/tutti-client.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentOrNull } from "../../core/moment-text.ts";
import type { AccessDesk, TokenFacts, UserFacts } from "../access/access-desk.ts";

/** Changes users and tokens through a server, as whoever the token is of. */
export class ServerAccessDesk implements AccessDesk {
  readonly #client: TuttiClient;

  constructor(client: TuttiClient) {
    this.#client = client;
  }

  async addUser(name: string, { role = "viewer", tags = null, password }: UserFacts): Promise<boolean> {
    const body = { name, role, tags: listed(tags), ...(password !== undefined && { password }) };
    return done("USER_EXISTS", this.#client.post("/api/users", { body }));
  }

  changeUser(user: string, { tags, ...facts }: UserFacts): Promise<boolean> {
    const body = { ...facts, ...(tags !== undefined && { tags: listed(tags) }) };
    return done("USER_NOT_FOUND", this.#client.patch("/api/users/{user}", { params: { user }, body }));
  }

  removeUser(user: string): Promise<boolean> {
    return done("USER_NOT_FOUND", this.#client.delete("/api/users/{user}", { params: { user } }));
  }

  async addToken({ name, role, tags, user, expiresAt }: TokenFacts) {
    if (user !== null)
      throw new TuttiError(
        "NOT_OVER_HTTP",
        `A token of "${user}" is made by that user, signed in, or on the machine of the store. Leave --user out.`,
      );
    const body = { name, role, tags: listed(tags), expiresAt: momentOrNull(expiresAt) };
    const { token, secret } = await this.#client.post("/api/tokens", { body });
    return { id: token.id, secret };
  }

  revokeToken(id: number): Promise<boolean> {
    return done("TOKEN_NOT_FOUND", this.#client.delete("/api/tokens/{token}", { params: { token: String(id) } }));
  }

  async close(): Promise<void> {}
}

const listed = (tags: readonly string[] | null): string[] | null => (tags === null ? null : [...tags]);

async function done(code: string, asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== code) throw error;
    return false;
  }
}
