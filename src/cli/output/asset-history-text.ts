import type { AssetUpdateRecord, FindingRecord } from "../../store/assets.ts";
import { STATUS_COLORS } from "./check-colors.ts";
import type { Output } from "./output.ts";
import { printTable } from "./table.ts";
import { isoText, timeText } from "./time-text.ts";

export function updateTable(updates: readonly AssetUpdateRecord[], out: Output): void {
  if (updates.length === 0) return out.line("It was not updated yet.");
  printTable(out, updates, [
    { head: "updated", cell: ({ at }) => timeText(at) },
    { head: "part", cell: ({ partition }) => partition ?? "" },
    { head: "date", cell: ({ date }) => date ?? "" },
    { head: "by", cell: placeText },
    { head: "run", cell: ({ runId }) => runId ?? "" },
    { head: "said", cell: ({ metadata }) => (metadata === null ? "" : JSON.stringify(metadata)) },
  ]);
}

export function findingTable(findings: readonly FindingRecord[], out: Output): void {
  if (findings.length === 0) return out.line("Nothing was checked yet.");
  printTable(out, findings, [
    { head: "at", cell: ({ at }) => timeText(at) },
    { head: "check", cell: ({ check }) => out.style("bold", check) },
    { head: "found", cell: ({ status }) => out.style(STATUS_COLORS[status], status) },
    { head: "part", cell: ({ partition }) => partition ?? "" },
    { head: "by", cell: placeText },
    { head: "run", cell: ({ runId }) => runId ?? "" },
    { head: "said", cell: ({ message }) => message ?? "" },
  ]);
}

const placeText = ({ workflow, task }: Pick<AssetUpdateRecord, "workflow" | "task">): string =>
  [workflow, task].filter((part) => part !== null).join(" / ");

export const updateDocument = ({ at, ...update }: AssetUpdateRecord): object => ({ ...update, at: isoText(at) });

export const findingDocument = ({ at, ...finding }: FindingRecord): object => ({ ...finding, at: isoText(at) });
