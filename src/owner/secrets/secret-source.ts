import type { ValueAsk } from "../../engine/children/host-options.ts";
import type { Config } from "../../loader/config.ts";
import { commandProvider } from "./command-provider.ts";
import { environmentProvider } from "./environment-provider.ts";
import { fileProvider } from "./file-provider.ts";
import type { ProvidedValues, SecretProvider } from "./secret-provider.ts";
import { storeProvider, type StoreProviderDeps } from "./store-provider.ts";

/** As long as a value is good for the next one who asks: a task that is mapped over ten thousand elements asks once. */
const KEPT_MS = 10_000;
const MOST_KEPT = 1_000;

interface Kept {
  readonly until: number;
  readonly answer: Promise<ProvidedValues>;
}

/** Where a worker has connections and secrets from: its own environment, then what the configuration names under `secrets`, in order. */
export class SecretSource {
  readonly #providers: readonly SecretProvider[];
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  /** `now`: in milliseconds. Default: the process's own time. */
  constructor(providers: readonly SecretProvider[], now: () => number = () => performance.now()) {
    this.#providers = providers;
    this.#now = now;
  }

  static of(
    config: Pick<Config, "connections" | "secrets">,
    stored: StoreProviderDeps,
    env: NodeJS.ProcessEnv = process.env,
  ): SecretSource {
    return new SecretSource([
      environmentProvider(config, env),
      ...config.secrets.map((place) =>
        place.kind === "file"
          ? fileProvider(place.folder)
          : place.kind === "command"
            ? commandProvider(place.command)
            : storeProvider(stored),
      ),
    ]);
  }

  /** Never rejects: what goes wrong is a problem of each name that was asked for. */
  async read(ask: ValueAsk): Promise<ProvidedValues> {
    const now = this.#now();
    const key = JSON.stringify([ask.kind, ask.workflow, ask.names]);
    const known = this.#kept.get(key);
    if (known !== undefined && known.until > now) return known.answer;
    const answer = this.#ask(ask);
    this.#kept.set(key, { until: now + KEPT_MS, answer });
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    // What could not be had is asked for again the next time.
    void answer.then(({ problems }) => Object.keys(problems).length > 0 && this.#kept.delete(key));
    return answer;
  }

  async #ask(ask: ValueAsk): Promise<ProvidedValues> {
    const values: Record<string, string> = {};
    const problems: Record<string, ProvidedValues["problems"][string]> = {};
    let names = [...new Set(ask.names)];
    for (const provider of this.#providers) {
      if (names.length === 0) break;
      const found = await provider.read({ ...ask, names }).catch((error: Error) => allFailed(names, provider, error));
      Object.assign(values, found.values);
      Object.assign(problems, found.problems);
      names = names.filter((name) => !Object.hasOwn(values, name) && !Object.hasOwn(problems, name));
    }
    return { values, problems };
  }
}

function allFailed(names: readonly string[], { name: who }: SecretProvider, error: Error): ProvidedValues {
  const code = (error as { code?: string }).code ?? "SECRET_PROVIDER_FAILED";
  const problem = { name: "SecretProviderFailed", code, message: `Asked for it, ${who} failed: ${error.message}` };
  return { values: {}, problems: Object.fromEntries(names.map((name) => [name, problem])) };
}
