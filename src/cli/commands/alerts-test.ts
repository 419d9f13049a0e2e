import { isoText } from "../output/time-text.ts";
import { loadConfig } from "../../loader/config.ts";
import { loadProject } from "../../loader/load.ts";
import { receiversIn, tellTest } from "../../owner/test-alert.ts";
import type { CommandContext } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { UsageError } from "../usage-error.ts";

/** Tells receivers that this is a test, each once, without a store: what they answer is told here. */
export async function testAlerts(
  name: string | undefined,
  json: boolean,
  { cwd, out }: CommandContext,
): Promise<number> {
  const config = await loadConfig({ cwd });
  // Without a name only those of the configuration: a test must not wake everybody.
  const all = receiversIn(config, name === undefined ? null : await loadProject(config));
  const chosen = name === undefined ? all : all.filter((receiver) => receiver.name === name);
  if (chosen.length === 0)
    throw new UsageError(
      name === undefined
        ? `tutti.config.ts names nobody under "alerts". Give it a receiver, or name one of a workflow: tutti alerts test "slack #data"`
        : `There is no receiver "${name}". Known: ${[...new Set(all.map((receiver) => `"${receiver.name}"`))].join(", ") || "none"}.`,
    );
  // One that several tasks name is told once.
  const receivers = [...new Map(chosen.map((receiver) => [receiver.name, receiver])).values()];
  const results = await tellTest(config, receivers, (text) => out.note(text));
  if (json)
    out.json(
      results.map(({ receiver, error, at }) => ({
        receiver: receiver.name,
        at: isoText(at),
        told: error === null,
        error,
      })),
    );
  else
    for (const { receiver, error } of results)
      out.line(
        error === null
          ? `${out.style("green", "told")} ${receiver.name}`
          : `${out.style("red", "failed")} ${receiver.name}: ${error.message}${error.code === undefined ? "" : ` [${error.code}]`}`,
      );
  return results.every(({ error }) => error === null) ? STATUS.succeeded : STATUS.failed;
}
