import type { TriggerFunction, TriggerManifest, TriggerRuleManifest } from "../core/trigger.ts";
import { encodeValue } from "../core/value-codec.ts";
import { badOption, within } from "./known-options.ts";
import { checkName } from "./names.ts";
import type { EventInfo } from "./event-info.ts";

/** What all that starts runs on an event has in common. */
export interface TriggerOptions<E extends EventInfo = EventInfo> {
  /** Names it, so that what it knows survives a change of what it hears. Default: from what it hears, e.g. `event orders.received`. */
  readonly name?: string;
  /** What its runs are started with, as a user would pass it; as a function, from the event. Default: nothing, so the schema's own defaults. */
  readonly params?: Readonly<Record<string, unknown>> | ((event: E) => Readonly<Record<string, unknown>> | undefined);
}

/** The functions of a trigger, which only its own code can call. */
export interface TriggerFunctions {
  readonly match?: (event: EventInfo) => unknown;
  readonly dedupeBy?: (event: EventInfo) => unknown;
  readonly params?: (event: EventInfo) => unknown;
  readonly poll?: (cursor: unknown, call: { readonly signal: AbortSignal; readonly fresh: boolean }) => unknown;
}

/** What starts a workflow when something happens: made by `onAsset`, `onEvent`, `onRun`, `onFile` and `onPoll`. */
export class EventTrigger {
  readonly #rule: Omit<TriggerManifest, "name"> & TriggerRuleManifest;
  readonly #name: string | null;
  readonly #fallback: string;
  readonly functions: TriggerFunctions;

  constructor(made: MadeTrigger) {
    const { rule, name, fallback, functions, params, what } = made;
    this.#name = name === undefined ? null : checkName(name, "a trigger");
    this.#fallback = fallback;
    const { poll: _, ...asked } = functions;
    const fn = typeof params === "function" ? (params as TriggerFunctions["params"]) : undefined;
    if (
      fn === undefined &&
      params !== undefined &&
      (typeof params !== "object" || params === null || Array.isArray(params))
    )
      throw badOption(
        what,
        "params",
        params,
        "an object, by the names of the workflow's params, or a function of the event",
      );
    this.functions = { ...functions, ...(fn && { params: fn }) };
    const names = [...Object.keys(asked), ...(fn ? ["params"] : [])] as TriggerFunction[];
    this.#rule = {
      ...rule,
      ...(fn === undefined &&
        params !== undefined && { params: within(what, () => encodeValue(params, { at: "params" })) }),
      ...(names.length > 0 && { functions: names.sort() }),
    };
  }

  /** `taken`: the names of those before it. */
  manifest(taken: readonly string[]): TriggerManifest {
    let name = this.#name ?? this.#fallback;
    if (this.#name === null) for (let nth = 2; taken.includes(name); nth++) name = `${this.#fallback} ${nth}`;
    return { name, ...this.#rule };
  }
}

interface MadeTrigger {
  readonly what: string;
  readonly rule: TriggerRuleManifest;
  readonly name: string | undefined;
  /** Its name where the user gives none. */
  readonly fallback: string;
  readonly functions: TriggerFunctions;
  readonly params: unknown;
}

export const TRIGGER_OPTIONS = ["name", "params"] as const satisfies readonly (keyof TriggerOptions)[];
