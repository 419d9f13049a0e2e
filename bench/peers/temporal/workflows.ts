import { proxyActivities } from "@temporalio/workflow";
import type { activitiesOf } from "./activities.ts";

const { nothing, one, join } = proxyActivities<ReturnType<typeof activitiesOf>>({ startToCloseTimeout: "1 minute" });

export async function chain(length: number): Promise<void> {
  for (let place = 0; place < length; place++) await nothing();
}

export async function fan(width: number): Promise<number> {
  return join(await Promise.all(Array.from({ length: width }, (_, i) => one(i))));
}
