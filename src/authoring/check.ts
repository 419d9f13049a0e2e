import type { CheckManifest } from "../core/asset-manifest.ts";
import { checkEventName } from "../core/event.ts";
import { type Asset, assetName } from "./asset.ts";
import { openDeclarations } from "./connection.ts";
import type { Context } from "./context.ts";
import { badOption, knownOptions, text, within } from "./known-options.ts";
import { refusal } from "./refusal.ts";

/** What was made, for a check to look at. */
export interface AssetUpdate<T = unknown> {
  /** The asset's name. */
  readonly asset: string;
  /** The part that was made; `null`: all of it, or not said. */
  readonly partition: string | null;
  /** What `ctx.materialized` said about it; `null`: nothing. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** What the task that made it returned. */
  readonly value: T;
}

/** What a check found. */
export interface CheckResult {
  readonly status: "pass" | "warn" | "fail";
  /** One sentence for people. Default: none. */
  readonly message?: string;
  /** JSON, e.g. what was counted. Default: nothing. */
  readonly metadata?: object;
}

/** Looks at what was made. `true` and nothing pass, `false` and what it throws fail. */
export type CheckFunction<T = any> = (
  update: AssetUpdate<T>,
  ctx: Context,
) => boolean | CheckResult | undefined | void | Promise<boolean | CheckResult | undefined | void>;

export interface CheckOptions {
  /** Tells the checks of an asset apart. Default: the function's name, else `check`, `check_2`, … */
  readonly name?: string;
  /** What fails, fails the task that made the asset: nothing that comes after it starts, and the asset does not count as made. Default: false. */
  readonly blocking?: boolean;
  /** One or more sentences for people. Default: none. */
  readonly description?: string;
}

/** A check as it was declared. */
export interface Check {
  readonly name: string;
  /** The asset's name. */
  readonly asset: string;
  /** Its code, to be called plainly, e.g. in a test. */
  readonly fn: CheckFunction;
}

/** With what its file's manifest says of it. */
export type DeclaredCheck = CheckManifest & Pick<Check, "fn">;

/**
 * Declares a check of an asset, at the module level of the file whose tasks make it. It runs in the task that `produces` the asset, after its body and
 * before its success is recorded, once for each part that was made, with that task's context, connections and timeout. What it found is
 * kept with the asset; what warns or fails is told to `onCheck` of the asset.
 *
 * @throws TuttiError `BAD_ASSET`, `BAD_BODY`, `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_EVENT_NAME`; `DUPLICATE_CHECK` for a second one of that name.
 * In the task: `ASSET_CHECK_FAILED` for a blocking one that failed.
 * @example
 * const sales = asset("warehouse://sales/daily");
 * check(sales, { name: "has rows", blocking: true }, ({ value }: AssetUpdate<number>) => value > 0);
 * check(sales, function fewEnough({ metadata }) {
 *   return { status: Number(metadata?.["rows"]) < 1_000 ? "pass" : "warn", message: "more rows than ever" };
 * });
 * const load = task("load", { produces: sales }, async (_: void, ctx) => {
 *   ctx.materialized(sales, { rows: 12 });
 *   return 12;
 * });
 */
export function check<T = any>(asset: Asset, fn: CheckFunction<T>): Check;
export function check<T = any>(asset: Asset, options: CheckOptions, fn: CheckFunction<T>): Check;
export function check(of: Asset, ...rest: readonly unknown[]): Check {
  const asset = assetName(of, "check(…)");
  const what = `A check of asset "${asset}"`;
  const [options, fn] = rest.length > 1 ? rest : [undefined, rest[0]];
  if (typeof fn !== "function")
    throw refusal(
      "BAD_BODY",
      `${what} has no function. Write check(asset, ({ value }) => …), with options, if any, before it.`,
    );
  const given = knownOptions(options as CheckOptions | undefined, ["name", "blocking", "description"], what);
  const { checks } = openDeclarations();
  const name = within(what, () => checkEventName(given.name ?? freeName(fn.name, asset, checks), "a check"));
  if (checks.some((known) => known.asset === asset && known.name === name))
    throw refusal(
      "DUPLICATE_CHECK",
      `Asset "${asset}" has two checks of the name "${name}". Give one another: check(asset, { name: "…" }, …).`,
    );
  const { blocking = false } = given;
  if (typeof blocking !== "boolean") throw badOption(what, "blocking", blocking, "true or false");
  const description = text(given.description, what, "description");
  checks.push({ asset, name, blocking, ...(description !== null && { description }), fn: fn as CheckFunction });
  return Object.freeze({ name, asset, fn: fn as CheckFunction });
}

function freeName(own: string, asset: string, checks: readonly DeclaredCheck[]): string {
  const base = own === "" ? "check" : own;
  const taken = new Set(checks.filter((known) => known.asset === asset).map(({ name }) => name));
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}_${count}`;
  return name;
}

/** Those of the assets that a task makes, in the order in which they were declared. */
export const checksOf = (
  declared: readonly DeclaredCheck[],
  produces: readonly string[] = [],
): readonly DeclaredCheck[] => declared.filter(({ asset }) => produces.includes(asset));

export const checkManifest = ({ fn: _fn, ...manifest }: DeclaredCheck): CheckManifest => manifest;
