import type { LoadError } from "../../loader/load-error.ts";
import type { Output } from "./output.ts";

/** What is wrong with pipeline files: each with its place, its code and the line. */
export function printLoadErrors(out: Output, errors: readonly LoadError[]): void {
  for (const error of errors) {
    out.line(
      `${out.style("red", "✗")} ${out.style("bold", error.where)}  ${withoutPlace(error)} ${out.style("dim", `[${error.code}]`)}`,
    );
    if (error.excerpt !== null) out.line(out.style("dim", error.excerpt));
  }
}

/** The place stands before it already. */
const withoutPlace = ({ message }: LoadError): string => message.replace(/^"[^"]+" at line \d+, column \d+: /, "");
