import type { Answer } from "../../client/asked.ts";
import type { TuttiClient } from "../../client/tutti-client.ts";
import type { SecretKind, SecretRecord } from "../../store/secrets.ts";
import type { GivenSecret } from "../secrets/keep-secret.ts";
import { instant } from "./from-documents.ts";

/** Keeps connections and secrets behind a server, whose key encrypts them. */
export class ServerKept {
  readonly #client: TuttiClient;

  constructor(client: TuttiClient) {
    this.#client = client;
  }

  async list(kind: SecretKind): Promise<readonly SecretRecord[]> {
    if (kind === "secret")
      return (await this.#client.get("/api/secrets")).items.map((found) => kept(kind, found, null));
    const { items } = await this.#client.get("/api/connections");
    return items.map(({ shown, ...found }) => kept(kind, found, shown));
  }

  async set({ kind, name, value, tags, description }: GivenSecret): Promise<void> {
    // Without tags: for as many workflows as whoever asks may see.
    const about = { ...(tags !== null && { tags: [...tags] }), ...(description !== null && { description }) };
    if (kind === "secret") await this.#client.post("/api/secrets", { body: { name, value, ...about } });
    else await this.#client.post("/api/connections", { body: { name, url: value, ...about } });
  }

  /** `false`: there is none, or the token may not see it. */
  async remove(kind: SecretKind, name: string): Promise<boolean> {
    try {
      if (kind === "secret") await this.#client.delete("/api/secrets/{secret}", { params: { secret: name } });
      else await this.#client.delete("/api/connections/{connection}", { params: { connection: name } });
      return true;
    } catch (error) {
      if (!["SECRET_NOT_FOUND", "CONNECTION_NOT_FOUND"].includes((error as { code?: string }).code ?? "")) throw error;
      return false;
    }
  }
}

const kept = (
  kind: SecretKind,
  { createdAt, updatedAt, ...facts }: Answer<"get", "/api/secrets">["items"][number],
  shown: string | null,
): SecretRecord => ({ kind, shown, ...facts, createdAt: instant(createdAt), updatedAt: instant(updatedAt) });
