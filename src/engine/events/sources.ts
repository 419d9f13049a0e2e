import { FileSource } from "./file-source.ts";
import type { KnownTrigger } from "./known-trigger.ts";
import { PollSource } from "./poll-source.ts";
import type { Source, SourceDeps } from "./source.ts";

/** The sources of events that this process looks at: those of the triggers that there are, while their workflows are not paused. */
export class Sources {
  readonly #deps: SourceDeps;
  readonly #sources = new Map<string, Source>();
  readonly #ending = new Set<Promise<void>>();
  #stopped = false;

  constructor(deps: SourceDeps) {
    this.#deps = deps;
  }

  /** From now on these. One whose code is new, or that was paused meanwhile, begins anew. */
  follow(known: readonly KnownTrigger[]): void {
    if (this.#stopped) return;
    const wanted = new Map(known.flatMap((each) => (isSource(each) ? [[keyOf(each), each] as const] : [])));
    for (const [key, source] of this.#sources) if (!wanted.has(key)) this.#end(key, source);
    for (const [key, each] of wanted) {
      if (this.#sources.has(key)) continue;
      const source = each.trigger.kind === "file" ? new FileSource(each, this.#deps) : new PollSource(each, this.#deps);
      this.#sources.set(key, source);
      source.start();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const [key, source] of this.#sources) this.#end(key, source);
    await Promise.all(this.#ending);
  }

  #end(key: string, source: Source): void {
    this.#sources.delete(key);
    const ending = source.stop().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

const isSource = ({ trigger, record }: KnownTrigger): boolean =>
  (trigger.kind === "file" || trigger.kind === "poll") && record.enabledSince !== null;

const keyOf = ({ record, version }: KnownTrigger): string => `${record.id} ${version.id} ${record.enabledSince}`;
