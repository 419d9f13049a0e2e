import { TuttiError } from "../../core/errors.ts";
import { type CommandFailed, howItEnded } from "../shell/command-errors.ts";
import { type DbtNode, hasFailed } from "./dbt-results.ts";

const SHOWN = 10;

/** An invocation of dbt failed: a model, a test, or dbt itself. */
export class DbtFailed extends TuttiError {
  /** Those that failed; empty where dbt did not get that far. */
  readonly failed: readonly DbtNode[];
  /** Every node that it came to, with its state. */
  readonly nodes: readonly DbtNode[];
  /** 1: a node failed. 2: dbt could not do what it was asked. `null`: a signal ended it. */
  readonly exitCode: number | null;

  constructor(what: string, end: CommandFailed, nodes: readonly DbtNode[], errors: readonly string[]) {
    const failed = nodes.filter(hasFailed);
    super("DBT_FAILED", `${what} ${howItEnded(end)}.${detail(failed, errors, end.lastLines)}`);
    this.name = "DbtFailed";
    this.failed = failed;
    this.nodes = nodes;
    this.exitCode = end.exitCode;
  }
}

function detail(failed: readonly DbtNode[], errors: readonly string[], lastLines: readonly string[]): string {
  const told = errors.length > 0 ? errors : lastLines;
  if (failed.length === 0) return told.length === 0 ? "" : `\n${told.map((line) => `  ${line}`).join("\n")}`;
  const shown = failed
    .slice(0, SHOWN)
    .map(({ id, status, message }) => `  ${id}: ${status}: ${oneLine(message ?? "")}`);
  if (failed.length > SHOWN) shown.push(`  … and ${failed.length - SHOWN} more`);
  return `\n${shown.join("\n")}`;
}

const oneLine = (text: string): string =>
  text
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    .slice(0, 500);
