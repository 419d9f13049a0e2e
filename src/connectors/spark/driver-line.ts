/** A line of a driver's log. */
export interface DriverLine {
  /** `null`: it carries no head of its own, so it goes on with the line before or was printed by the application. */
  readonly level: "debug" | "info" | "warn" | "error" | null;
  /** Who logged it: `DAGScheduler`. `""`: nobody said. */
  readonly logger: string;
  readonly message: string;
}

const LEVELS: Readonly<Record<string, DriverLine["level"]>> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
  FATAL: "error",
};

/** Spark's default layout, `26/11/22 21:17:14 INFO SparkContext: …`, and those with a year in full, milliseconds or a thread. */
const TEXT =
  /^\d{2,4}[/-]\d\d[/-]\d\d[ T][\d:,.]+Z? (?:\[[^\]]*\] )?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) ([\w.$]+): ?(.*)$/s;

/** Reads a line as Spark writes it, as text or, with `spark.log.structuredLogging.enabled`, as JSON. */
export function driverLine(line: string): DriverLine {
  if (line.startsWith('{"')) return structured(line) ?? bare(line);
  const [, level, logger, message] = TEXT.exec(line) ?? [];
  return level === undefined
    ? bare(line)
    : { level: LEVELS[level] ?? "info", logger: logger ?? "", message: message ?? "" };
}

const bare = (message: string): DriverLine => ({ level: null, logger: "", message });

function structured(line: string): DriverLine | null {
  try {
    const { level, logger = "", msg } = JSON.parse(line) as { level?: string; logger?: string; msg?: string };
    if (typeof level !== "string" || typeof msg !== "string") return null;
    return {
      level: LEVELS[level.toUpperCase()] ?? "info",
      logger: logger.split(".").at(-1) ?? "",
      message: msg,
    };
  } catch {
    return null;
  }
}
