import { mkdir, rename, writeFile } from "node:fs/promises";
import type { Context } from "tutti";
import { email } from "tutti/email";
import { slack } from "tutti/slack";
import type { Amounts } from "./sales.ts";
import { whereConfigured } from "./where-configured.ts";

const channel = slack("#bi");
const team = email("BI <bi@example.com>");

export interface Told extends Partial<Amounts> {
  readonly day: string;
  readonly region: string;
  readonly best?: string | null;
}

/** Tells whoever the configuration names. Who has been told is kept, so that a retry tells only the others. */
export async function tell(ctx: Context, message: string, told: Told): Promise<void> {
  await toFile(ctx, message, told);
  const { lines, sales, quantity } = told;
  const amounts = Object.entries({ lines, sales, quantity }).filter(
    (one): one is [string, number] => one[1] !== undefined,
  );
  const news = { title: message, level: "info", fields: Object.fromEntries(amounts) } as const;
  await once(ctx, "slack", () => channel.send(news));
  await once(ctx, "mail", () => team.send(news, { idempotencyKey: ctx.idempotencyKey }));
}

async function once(ctx: Context, who: string, send: () => Promise<unknown>): Promise<void> {
  if ((await ctx.state.get(`told.${who}`)) === true) return;
  const sent = await whereConfigured(
    async () => (await send(), true),
    () => false,
  );
  if (sent) await ctx.state.set(`told.${who}`, true);
}

async function toFile(ctx: Context, message: string, { region, ...told }: Told): Promise<void> {
  const folder = new URL("./data/notifications/", import.meta.url);
  const file = new URL(`${told.day}${region === "all" ? "" : `-${region}`}.json`, folder);
  await mkdir(folder, { recursive: true });
  // Renamed into place: nobody reads half a message.
  const draft = new URL(`.${ctx.idempotencyKey.replaceAll(/[^\w-]/g, "_")}`, folder);
  await writeFile(draft, `${JSON.stringify({ channel: "bi", message, ...told })}\n`);
  await rename(draft, file);
}
