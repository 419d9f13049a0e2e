import { assetsOf } from "../core/asset-expression.ts";
import { type Asset, assetExpression } from "./asset.ts";
import { EventTrigger, TRIGGER_OPTIONS, type TriggerOptions } from "./event-trigger.ts";
import { badOption, knownOptions } from "./known-options.ts";

/** How runs are started by assets. */
export interface OnAssetOptions extends Pick<TriggerOptions, "name"> {
  /** What its runs are started with, as a user would pass it. Default: nothing, so the schema's own defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Starts a run when what is needed of these assets has been updated since the trigger's last run. Updates that come before are one:
 * an asset that is updated five times counts once. Each run is told of the last update of each, `ctx.events`.
 *
 * @throws TuttiError `BAD_ASSET`, `BAD_OPTION`, `UNKNOWN_OPTION`. When the project is loaded: `TRIGGER_LOOP`
 * @example
 * const sales = asset("warehouse://sales/daily");
 * const report = task("report", (_: void, ctx) => console.log(ctx.event?.name));
 * export default dag("reports", { schedule: onAsset(sales) }, () => { report(); });
 */
export function onAsset(asset: Asset, options?: OnAssetOptions): EventTrigger {
  const what = "onAsset(…)";
  const assets = assetExpression(asset, what);
  const { name, params } = knownOptions(options, TRIGGER_OPTIONS, what);
  if (typeof params === "function")
    throw badOption(what, "params", params, "an object: of several assets, no single event starts a run");
  const names = assetsOf(assets);
  const fallback = `asset ${names.length === 1 ? names[0] : `${names[0]} and ${names.length - 1} more`}`;
  return new EventTrigger({ what, rule: { kind: "asset", assets }, name, fallback, functions: {}, params });
}
