import type { Config } from "../loader/config.ts";
import { LogWriter } from "../engine/logs/log-writer.ts";

/** A log line is in its file this long after it was written: somebody may be following. */
const FLUSH_MS = 200;

export const ownLogs = (config: Config, worker: string, notice: (text: string) => void): LogWriter =>
  new LogWriter({
    dir: config.logsDir,
    worker,
    flushEveryMs: FLUSH_MS,
    store: config.logStore,
    onWarning: ({ message }) => notice(message),
  });
