import type { Answer } from "../../../src/client/index.ts";
import type { MarkName } from "./state.ts";

export type AssetState = Answer<"get", "/api/assets">["items"][number]["state"];

/** `updated` and `never`: nothing says how old it may be. */
export const ASSET_STATES = ["fresh", "late", "updated", "never"] as const satisfies readonly AssetState[];

/** The marks of states that are not a run's. */
export const ASSET_MARKS: Readonly<Record<AssetState, MarkName>> = {
  fresh: "succeeded",
  late: "late",
  updated: "dot",
  never: "waiting",
};
