import { toErrorData } from "../../core/error-data.ts";
import { TuttiError } from "../../core/errors.ts";
import { isWithin } from "../../core/role.ts";
import type { ValueAsk } from "../../engine/children/host-options.ts";
import type { Store } from "../../store/store.ts";
import type { SealedSecret } from "../../store/secrets.ts";
import { openValue } from "./envelope.ts";
import type { KeyRing } from "./key-ring.ts";
import { NONE, type ProvidedValues, type SecretProvider } from "./secret-provider.ts";

/** Where they may be kept. */
export type StoreWithSecrets = Pick<Store, "secrets" | "latestVersion">;

export interface StoreProviderDeps {
  readonly store: StoreWithSecrets;
  /** `null`: this process has no key. */
  readonly ring: () => KeyRing | null;
  /** Asks somebody who has the key, for a claim of this worker. Default: nobody has it. */
  readonly deliver?: ((ask: ValueAsk) => Promise<ProvidedValues>) | undefined;
}

/** What users keep in the store, for the workflows that it is granted to. */
export const storeProvider = ({ store, ring, deliver }: StoreProviderDeps): SecretProvider => ({
  name: "the store",
  async read(ask) {
    const keys = ring();
    const asked = keys === null && ask.task !== null ? deliver : undefined;
    const rows = await store.secrets.sealed(ask.kind, ask.names).catch((error: TuttiError) => {
      // The role of a worker without the key may not even see which there are: whoever has it knows.
      if (asked === undefined || error.code !== "STORE_DENIED") throw error;
      return null;
    });
    if (rows?.length === 0) return NONE;
    if (asked !== undefined) return asked({ ...ask, names: rows?.map(({ name }) => name) ?? ask.names });
    if (rows === null) return NONE;
    const tags = await tagsOf(store, ask.workflow);
    const values: Record<string, string> = {};
    const problems: Record<string, ReturnType<typeof toErrorData>> = {};
    for (const row of rows)
      try {
        if (!isWithin(tags, row.tags)) throw notGranted(row, ask.workflow);
        if (keys === null) throw noKey(row);
        values[row.name] = openValue(row, keys);
      } catch (error) {
        problems[row.name] = plain(error);
      }
    return { values, problems };
  },
});

/** Of the deployed code: who may use what follows what was deployed, not what somebody tries out. */
async function tagsOf(store: StoreWithSecrets, workflow: string | null): Promise<readonly string[]> {
  if (workflow === null) return [];
  return (await store.latestVersion(workflow))?.manifest.tags ?? [];
}

const plain = (error: unknown) => {
  const { stack: _stack, ...data } = toErrorData(error);
  return data;
};

const words = ({ kind, name }: SealedSecret): string => `${kind === "secret" ? "Secret" : "Connection"} "${name}"`;

const notGranted = (row: SealedSecret, workflow: string | null): TuttiError =>
  new TuttiError(
    "SECRET_NOT_GRANTED",
    `${words(row)} is kept for workflows with the tag ${(row.tags ?? []).map((tag) => `"${tag}"`).join(" or ")}; ${workflow === null ? "the configuration has none" : `workflow "${workflow}" has none of them`}.`,
  );

const noKey = (row: SealedSecret): TuttiError =>
  new TuttiError(
    "ENCRYPTION_KEY_MISSING",
    `${words(row)} is kept encrypted, and this process has no key: set TUTTI_ENCRYPTION_KEY, or TUTTI_ENCRYPTION_KEY_FILE, to the key that it was set with.`,
  );
