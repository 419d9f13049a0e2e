import type { MapManifest, Path, Source, TaskManifest } from "../core/manifest.ts";
import { readPath } from "../core/value-codec.ts";
import type { Part } from "./protocol.ts";

/** Where the parts of an input come from. */
export interface InputSources {
  readonly values: Readonly<Record<string, Part>>;
  params(): unknown;
  readonly picks: readonly ((value: unknown) => unknown)[];
  shared(key: string): string;
  decode(text: string): unknown;
  readFrame(uri: string, path: Path): Promise<unknown>;
}

/**
 * A task's input, made from its sources. A promise only where a part has to be read from the artifact store.
 * `undefined`: the task is called without one.
 */
export function resolveInput(task: Pick<TaskManifest, "input" | "map">, sources: InputSources): unknown {
  if (task.input === null && task.map === null) return undefined;
  const reader = new InputReader(sources);
  const read = (): unknown =>
    withElements(task.input === null ? undefined : orUndefined(reader.read(task.input)), task.map, reader);
  const input = read();
  // The first pass only collects what to load: `pick` must not see a value that is not there yet.
  return reader.missing ? reader.load().then(read) : input;
}

/** The keys of `.map` beside the shared part. */
function withElements(shared: unknown, map: MapManifest | null, reader: InputReader): unknown {
  if (map === null) return shared;
  const input: Record<string, unknown> = { ...(shared as object | undefined) };
  for (const { key } of map.lists) input[key] = orUndefined(reader.part(`map:${key}`, []));
  return input;
}

const ABSENT = Symbol("absent");
const orUndefined = (value: unknown): unknown => (value === ABSENT ? undefined : value);

class InputReader {
  readonly #sources: InputSources;
  /** Decoded once, so that two refs into one output keep the identity they had. */
  readonly #texts = new Map<string, unknown>();
  readonly #frames = new Map<string, unknown>();
  #wanted = new Map<string, { readonly uri: string; readonly path: Path }>();

  constructor(sources: InputSources) {
    this.#sources = sources;
  }

  get missing(): boolean {
    return this.#wanted.size > 0;
  }

  async load(): Promise<void> {
    const wanted = this.#wanted;
    this.#wanted = new Map();
    await Promise.all(
      [...wanted].map(async ([key, { uri, path }]) => this.#frames.set(key, await this.#sources.readFrame(uri, path))),
    );
  }

  read(source: Source): unknown {
    switch (source.kind) {
      case "literal":
        return this.#sources.decode(source.value);
      case "param":
        return readPath(this.#sources.params(), source.path);
      case "output":
        return this.part(`out:${source.task}`, source.path);
      case "element":
        return this.part("element", source.path);
      case "given":
        return this.part("given", []);
      case "settled":
        return this.part(`settled:${source.task}`, []);
      case "maybe":
        return orUndefined(this.read(source.of));
      case "firstOf":
        return this.#first(source.of);
      case "pick":
        return this.#pick(source);
      case "object":
        return Object.fromEntries(
          Object.entries(source.fields).map(([key, field]) => [key, orUndefined(this.read(field))]),
        );
      case "list":
        return source.items.map((item) => orUndefined(this.read(item)));
    }
  }

  part(key: string, path: Path): unknown {
    const part = this.#sources.values[key];
    return part === undefined ? ABSENT : this.#value(key, part, path);
  }

  #first(sources: readonly Source[]): unknown {
    for (const source of sources) {
      const value = this.read(source);
      if (value !== ABSENT) return value;
    }
    return ABSENT;
  }

  #pick(source: Source & { kind: "pick" }): unknown {
    const value = this.read(source.of);
    if (value === ABSENT || this.missing) return value;
    const pick = this.#sources.picks[source.fn];
    if (!pick) throw new RangeError(`no pick ${source.fn} in this workflow`);
    return pick(value);
  }

  #value(key: string, part: Part, path: Path): unknown {
    switch (part.kind) {
      case "absent":
        return ABSENT;
      case "text":
        return readPath(this.#decoded(key, part.text), path);
      case "shared":
        return readPath(this.#decoded(`shared:${part.key}`, this.#sources.shared(part.key)), path);
      case "frame":
        return this.#frame(part.uri, [...part.path, ...path]);
      case "gathered":
        return part.items.map((item, place) => orUndefined(this.#value(`${key}:${place}`, item, path)));
      case "settled":
        return part.items.map((item, place) => this.#value(`${key}:${place}`, item, []));
      case "element":
        return part.value === null
          ? { state: part.state }
          : { state: part.state, value: orUndefined(this.#value(`${key}:value`, part.value, [])) };
    }
  }

  #decoded(key: string, text: string): unknown {
    if (this.#texts.has(key)) return this.#texts.get(key);
    const value = this.#sources.decode(text);
    this.#texts.set(key, value);
    return value;
  }

  #frame(uri: string, path: Path): unknown {
    const key = JSON.stringify([uri, path]);
    if (!this.#frames.has(key)) this.#wanted.set(key, { uri, path });
    return this.#frames.get(key);
  }
}
