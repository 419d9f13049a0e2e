import { type CheckFinding, checkFinding, isTold } from "../../core/check-result.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { GivenEvent } from "../../core/event.ts";
import type { TaskManifest } from "../../core/manifest.ts";

interface Found {
  readonly asset: string;
  readonly check: string;
  readonly finding: CheckFinding;
}

/** What each receiver of a task's `check` alerts is to be told of these events: by the receiver's place in the plan. */
export function findingsByReceiver(
  { assets = [] }: TaskManifest,
  events: readonly GivenEvent[],
): ReadonlyMap<number, ErrorData> {
  const found = events.flatMap(({ kind, name, key, payload }): Found[] => {
    if (kind !== "check" || payload === null || key === null) return [];
    const finding = checkFinding(payload);
    return isTold(finding) ? [{ asset: name, check: key, finding }] : [];
  });
  const told = new Map<number, Found[]>();
  for (const { name, alerts } of assets)
    for (const place of alerts?.check ?? []) {
      const its = found.filter(({ asset }) => asset === name);
      if (its.length > 0) told.set(place, its);
    }
  return new Map(Array.from(told, ([place, its]) => [place, errorOf(its)]));
}

function errorOf(found: readonly Found[]): ErrorData {
  const failed = found.some(({ finding }) => finding.status === "fail");
  return {
    name: "AssetCheck",
    code: failed ? "ASSET_CHECK_FAILED" : "ASSET_CHECK_WARNED",
    message: found
      .map(
        ({ asset, check, finding: { status, message } }) =>
          `Check "${check}" of asset "${asset}" ${status === "warn" ? "warns" : "failed"}${message === null ? "." : `: ${message}`}`,
      )
      .join(" "),
  };
}
