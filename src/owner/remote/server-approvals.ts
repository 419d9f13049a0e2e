import type { Answer } from "../../client/asked.ts";
import type { TuttiClient } from "../../client/tutti-client.ts";
import type { ApprovalRecord } from "../../store/approvals.ts";
import type { ApprovalReply } from "../answer-approval.ts";
import { allPages } from "./all-pages.ts";
import { instant, instantOrNull } from "./from-documents.ts";

/** What tasks ask people, as a server shows it. */
export async function approvalsThere(client: TuttiClient, limit: number): Promise<readonly ApprovalRecord[]> {
  return (await allPages(limit, (query) => client.get("/api/approvals", { query }))).map(approval);
}

/** Answers as whoever the token is of: the server says whether he may, and whether he was first. */
export async function answerThere(
  client: TuttiClient,
  { id, approved, form, comment }: Pick<ApprovalReply, "id" | "approved" | "form" | "comment">,
): Promise<ApprovalRecord> {
  const params = { approval: id };
  const said = comment === undefined ? {} : { comment };
  return approval(
    approved
      ? await client.post("/api/approvals/{approval}/approve", {
          params,
          body: { ...said, ...(form !== undefined && { form }) },
        })
      : await client.post("/api/approvals/{approval}/reject", { params, body: said }),
  );
}

const approval = ({
  askedAt,
  until,
  answer,
  form,
  ...facts
}: Answer<"get", "/api/approvals/{approval}">): ApprovalRecord => ({
  ...facts,
  form: form as ApprovalRecord["form"],
  askedAt: instant(askedAt),
  dueAt: instantOrNull(until),
  answer: answer && { ...answer, form: answer.form ?? null, at: instant(answer.at), token: "" },
});
