import type { Config } from "../../loader/config.ts";
import { readKeyRing } from "./key-ring.ts";
import { SecretSource } from "./secret-source.ts";
import type { StoreProviderDeps, StoreWithSecrets } from "./store-provider.ts";

/**
 * Where this process has connections and secrets from. `store`: `null` where there is none yet. `deliver`: from whom it has those for which it has no
 * key.
 */
export function ownSecrets(
  config: Config,
  store: StoreWithSecrets | null,
  deliver?: StoreProviderDeps["deliver"],
): SecretSource {
  const ring = () => readKeyRing(config);
  if (store !== null) return SecretSource.of(config, { store, ring, deliver });
  const secrets = config.secrets.filter(({ kind }) => kind !== "store");
  return SecretSource.of({ ...config, secrets }, { store: NO_STORE, ring });
}

const NO_STORE: StoreWithSecrets = {
  secrets: { list: async () => [], sealed: async () => [], deliveries: null },
  latestVersion: async () => null,
};
