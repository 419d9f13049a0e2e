import type { TuttiClient } from "../../client/tutti-client.ts";
import type { RunExplanation } from "../../core/explanation.ts";
import { instant } from "./from-documents.ts";

/** Why a run is not further, as its server says. */
export async function whyThere(
  client: TuttiClient,
  run: string,
  { task, index }: { readonly task?: string; readonly index?: number },
): Promise<RunExplanation> {
  const query = { ...(task !== undefined && { task }), ...(index !== undefined && { mapIndex: index }) };
  const found = await client.get("/api/runs/{run}/why", { params: { run }, query });
  return withInstants(found) as RunExplanation;
}

/** By their names: what is a moment in a reason. */
const MOMENTS = new Set(["at", "since", "until", "endedAt", "madeAt"]);

function withInstants(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withInstants);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      MOMENTS.has(name) && typeof part === "string" && !Number.isNaN(Date.parse(part))
        ? instant(part)
        : withInstants(part),
    ]),
  );
}
