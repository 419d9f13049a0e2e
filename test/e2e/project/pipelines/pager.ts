import { existsSync } from "node:fs";
import { type Alert, dag, FailWithoutRetry, task } from "tutti";
import { z } from "zod";

export const balance = task("balance", async () => {
  throw new Error("the books do not balance");
});

/** Whoever is on call is there as soon as a file is. */
const oncall = async ({ date }: Alert): Promise<void> => {
  if (!existsSync(new URL("../on-call", import.meta.url))) throw new FailWithoutRetry(`nobody answers for ${date}`);
};

export default dag(
  "pager",
  { description: "Calls somebody when it fails", params: z.object({}), onFailure: oncall },
  () => {
    balance();
  },
);
