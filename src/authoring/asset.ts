import type { AssetExpression } from "../core/asset-expression.ts";
import { expressionText } from "../core/asset-expression.ts";
import { checkEventName } from "../core/event.ts";
import { type AssetDetails, type AssetOptions, readAssetOptions } from "./asset-options.ts";
import { badOption, within } from "./known-options.ts";
import { refusal } from "./refusal.ts";

/** Something that tasks make and others read: a table, a file, a model; or several of them together, for `onAsset`. */
export interface Asset {
  /** Of several: what they are together, in words. */
  readonly name: string;
  /** Both: a workflow that waits for them starts when each has been updated since its last run. */
  and(other: Asset): Asset;
  /** Either. */
  or(other: Asset): Asset;
}

/**
 * Names an asset. The same name anywhere in the project is the same asset. Often a URL. What else there is to say of it is said where a task makes it,
 * or reads it.
 *
 * @throws TuttiError `BAD_EVENT_NAME` for a name that is empty or has line breaks; `BAD_ASSET` for an `and` or `or` of what is no asset;
 * `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION`, `BAD_TIMEZONE`
 * @example
 * const sales = asset("warehouse://sales/daily", { owner: "data-retail", freshness: { by: "08:00", timezone: "Europe/London" } });
 * const customers = asset("warehouse://customers");
 * const load = task("load", { produces: sales }, async (_: void, ctx) => ctx.materialized(sales, { rows: 12 }));
 * export const report = dag("report", { schedule: onAsset(sales.and(customers)) }, () => { load(); });
 */
export const asset = (name: string, options?: AssetOptions): Asset => {
  const checked = within("asset(…)", () => checkEventName(name, "an asset"));
  return new AssetNode({ asset: checked }, readAssetOptions(options, `Asset "${checked}"`));
};

class AssetNode implements Asset {
  readonly name: string;
  readonly #expression: AssetExpression;
  readonly #details: AssetDetails | null;

  constructor(expression: AssetExpression, details: AssetDetails | null = null) {
    this.#expression = expression;
    this.#details = details;
    this.name = expressionText(expression);
    Object.freeze(this);
  }

  and(other: Asset): Asset {
    const [left, right] = [this.#expression, assetExpression(other, `asset("${this.name}").and(…)`)];
    return new AssetNode({ all: [left, right].flatMap((part) => ("all" in part ? part.all : [part])) });
  }

  or(other: Asset): Asset {
    const [left, right] = [this.#expression, assetExpression(other, `asset("${this.name}").or(…)`)];
    return new AssetNode({ any: [left, right].flatMap((part) => ("any" in part ? part.any : [part])) });
  }

  static expressionOf(asset: AssetNode): AssetExpression {
    return asset.#expression;
  }

  static detailsOf(asset: unknown): AssetDetails | null {
    return asset instanceof AssetNode ? asset.#details : null;
  }
}

/** @throws TuttiError `BAD_ASSET` */
export function assetExpression(given: unknown, what: string): AssetExpression {
  if (given instanceof AssetNode) return AssetNode.expressionOf(given);
  const shown = typeof given === "string" ? `"${given.slice(0, 80)}"` : `a ${given === null ? "null" : typeof given}`;
  throw refusal("BAD_ASSET", `${what} was given ${shown}, which is no asset. Make one: asset("warehouse://sales").`);
}

/** The name of one asset. @throws TuttiError `BAD_ASSET` */
export function assetName(given: unknown, what: string): string {
  const expression = assetExpression(given, what);
  if ("asset" in expression) return expression.asset;
  throw refusal(
    "BAD_ASSET",
    `${what} was given "${expressionText(expression)}", which is several. Name them one by one.`,
  );
}

/** What is said of an asset beside its name; `null`: nothing. */
export interface NamedAsset {
  readonly name: string;
  readonly details: AssetDetails | null;
}

/** One asset or a list of them, each name once; `null`: not given. @throws TuttiError `BAD_ASSET`, `BAD_OPTION` */
export function namedAssets(
  given: Asset | readonly Asset[] | undefined,
  what: string,
  option: string,
): readonly NamedAsset[] | null {
  if (given === undefined) return null;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw badOption(what, option, given, "an asset, or a list of them");
  const found = new Map<string, AssetDetails | null>();
  for (const one of list) {
    const name = assetName(one, `${what}: option "${option}"`);
    found.set(name, AssetNode.detailsOf(one) ?? found.get(name) ?? null);
  }
  return Array.from(found, ([name, details]) => ({ name, details }));
}
