import { dag, task } from "tutti";
import { z } from "zod";

export const pay = task("pay", async ({ amount }: { amount: number }, ctx) => {
  const answer = await ctx.approval({
    title: `Pay ${amount} EUR to ACME?`,
    description: "The offer is in the mail of Tuesday; the invoice has come.",
    form: z.object({
      account: z.string().min(4).describe("Where the money goes"),
      urgent: z.boolean().default(false),
    }),
    by: ["vera", "operator"],
    timeout: "3d",
  });
  if (!answer.approved) ctx.skip(`no: ${answer.comment}`);
  return `${amount} EUR to ${answer.form?.account}, ${answer.comment}`;
});

export const book = task("book", ({ paid }: { paid: string }) => paid);

/** Somebody has to say yes before money goes. */
export default dag("payments", { params: z.object({ amount: z.number().default(12_000) }) }, ({ params }) => {
  book({ paid: pay({ amount: params.amount }) });
});
