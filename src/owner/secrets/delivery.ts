import { setTimeout as sleep } from "node:timers/promises";
import { TuttiError } from "../../core/errors.ts";
import type { ValueAsk } from "../../engine/children/host-options.ts";
import type { SecretDeliveries, SecretRequest } from "../../store/secrets.ts";
import type { Store, VersionRecord } from "../../store/store.ts";
import { newBoxKey, openBox, sealFor } from "./sealed-box.ts";
import type { ProvidedValues } from "./secret-provider.ts";
import type { SecretSource } from "./secret-source.ts";

/** From the request to giving up: longer than a scheduler takes that looks only now and then. */
const LIMIT_MS = 20_000;
const FIRST_LOOK_MS = 10;
const LATER_LOOKS_MS = 200;

/** The side of a worker without the key: asks for what one claim needs, and opens what comes back. */
export class SecretCollector {
  readonly #deliveries: SecretDeliveries;
  readonly #worker: string;
  /** Says that there is a request. */
  notify: () => void = () => {};

  constructor(deliveries: SecretDeliveries, worker: string) {
    this.#deliveries = deliveries;
    this.#worker = worker;
  }

  /** @throws TuttiError `SECRET_NOT_DELIVERED`, `SECRET_DAMAGED` */
  async collect({ kind, names, task }: ValueAsk, limitMs = LIMIT_MS): Promise<ProvidedValues> {
    const { taskRunId, claim } = task!;
    const key = newBoxKey();
    const { publicKey } = key;
    const id = await this.#deliveries.ask({ worker: this.#worker, taskRunId, claim, kind, names, publicKey });
    this.notify();
    const until = performance.now() + limitMs;
    for (let waitMs = FIRST_LOOK_MS; performance.now() < until; waitMs = Math.min(waitMs * 2, LATER_LOOKS_MS)) {
      await sleep(waitMs);
      const answer = await this.#deliveries.take(id);
      if (answer === null) continue;
      const { values, problems } = JSON.parse(answer) as ProvidedValues;
      const opened = Object.entries(values).map(
        ([name, box]) => [name, openBox(key, box, { kind, name, taskRunId, claim })] as const,
      );
      return { values: Object.fromEntries(opened), problems };
    }
    await this.#deliveries.drop(id);
    throw new TuttiError(
      "SECRET_NOT_DELIVERED",
      `Nobody who has the key gave this worker what it needs within ${limitMs / 1000} s. Is a scheduler running with TUTTI_ENCRYPTION_KEY?`,
    );
  }
}

const AT_ONCE = 100;

export interface SecretDeskDeps {
  readonly deliveries: SecretDeliveries;
  readonly store: Pick<Store, "getVersion">;
  readonly source: SecretSource;
  readonly notice: (text: string) => void;
}

/** The side of a process that has the key: answers what claims are entitled to, sealed for the worker that asked. */
export class SecretDesk {
  readonly #deps: SecretDeskDeps;
  #looking: Promise<void> | null = null;
  #again = false;

  constructor(deps: SecretDeskDeps) {
    this.#deps = deps;
  }

  readonly look = (): void => {
    this.#again = true;
    this.#looking ??= this.#looked().finally(() => {
      this.#looking = null;
      if (this.#again) this.look();
    });
  };

  async settled(): Promise<void> {
    while (this.#looking !== null) await this.#looking;
  }

  async #looked(): Promise<void> {
    const { deliveries, notice } = this.#deps;
    while (this.#again) {
      this.#again = false;
      try {
        const open = await deliveries.open(AT_ONCE);
        for (const request of open) await this.#answer(request);
        this.#again ||= open.length === AT_ONCE;
      } catch (error) {
        notice(`Secrets can't be given to workers now: ${(error as Error).message}`);
      }
    }
  }

  async #answer(request: SecretRequest): Promise<void> {
    const { deliveries, store, source } = this.#deps;
    const { id, kind, publicKey, taskRunId, claim, workflow } = request;
    const version = await store.getVersion(request.versionId);
    const names = request.names.filter((name) => version !== null && declares(version, kind, name));
    const { values, problems } = await source.read({ kind, names, workflow, task: null });
    const boxes = Object.entries(values).map(
      ([name, value]) => [name, sealFor(publicKey, value, { kind, name, taskRunId, claim })] as const,
    );
    await deliveries.answer(id, JSON.stringify({ values: Object.fromEntries(boxes), problems }));
  }
}

const declares = ({ manifest }: VersionRecord, kind: ValueAsk["kind"], name: string): boolean =>
  kind === "connection"
    ? manifest.connections.includes(name)
    : manifest.tasks.some(({ secrets = [] }) => secrets.includes(name));
