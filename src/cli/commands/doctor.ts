import { loadConfig } from "../../loader/config.ts";
import { examine } from "../../owner/doctor/examine.ts";
import type { FindingState } from "../../owner/doctor/finding.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";

const MARKS = {
  ok: ["green", "✓"],
  warning: ["yellow", "!"],
  problem: ["red", "✗"],
} as const satisfies Record<FindingState, readonly [string, string]>;

export const doctor = defineCommand({
  name: "doctor",
  description: "Check the store, its schema and rights, clocks, time zones, releases and folders",
  args: { json: JSON_ARG },
  examples: [["tutti doctor", "exit status 1 when something would not work; warnings alone are 0"]],
  async run(args, { cwd, out }) {
    const findings = await examine(await loadConfig({ cwd }));
    const problems = findings.filter(({ state }) => state === "problem").length;
    const warnings = findings.filter(({ state }) => state === "warning").length;
    if (args.json) out.json({ ok: problems === 0, findings });
    else {
      const width = Math.max(...findings.map(({ check }) => check.length));
      for (const { check, state, code, text } of findings) {
        const [colour, mark] = MARKS[state];
        out.line(
          `${out.style(colour, mark)} ${check.padEnd(width)}  ${text}${code === null ? "" : ` ${out.style("dim", `[${code}]`)}`}`,
        );
      }
      const found = [
        ...(problems > 0 ? [plural(problems, "problem")] : []),
        ...(warnings > 0 ? [plural(warnings, "warning")] : []),
      ];
      out.line(found.length === 0 ? "Everything is in order." : `${found.join(", ")}.`);
    }
    return problems === 0 ? STATUS.succeeded : STATUS.failed;
  },
});
