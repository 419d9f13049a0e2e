import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { queryClient } from "./query-client.ts";
import { tutti } from "./tutti.ts";

export type Approval = Answer<"get", "/api/approvals">["items"][number];

/** The stream does not tell of questions. */
const EVERY_MS = 3_000;

/** What tasks ask people, answered or not, as long as their task runs wait or work. */
export const approvalsQuery = queryOptions({
  queryKey: ["approvals"],
  staleTime: EVERY_MS,
  refetchInterval: EVERY_MS,
  queryFn: async ({ signal }) => (await tutti().get("/api/approvals", { query: { limit: 1000 }, signal })).items,
});

export interface Reply {
  readonly form?: unknown;
  readonly comment?: string;
}

export const approve = (approval: string, body: Reply): Promise<Approval> =>
  tutti().post("/api/approvals/{approval}/approve", { params: { approval }, body });

export const reject = (approval: string, { comment }: Reply): Promise<Approval> =>
  tutti().post("/api/approvals/{approval}/reject", {
    params: { approval },
    body: comment === undefined ? {} : { comment },
  });

/** Of an answer that the server has taken. */
export function answered(approval: Approval): void {
  queryClient.setQueryData<Approval[]>(["approvals"], (known) =>
    known?.map((each) => (each.id === approval.id ? approval : each)),
  );
  void queryClient.invalidateQueries({ queryKey: ["approvals"] });
}
