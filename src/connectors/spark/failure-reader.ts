import { type DriverLine, driverLine } from "./driver-line.ts";
import type { FailedStage } from "./spark-errors.ts";
import type { UiStage } from "./spark-ui.ts";

/** Lines that one reason may have: a Python traceback within a Java one within another. */
const REASON_LINES = 200;
const LAST_LINES = 20;

const STAGE_FAILED = /^(?:Result|ShuffleMap)Stage (\d+) \((.*?)\) failed in .*? due to (.*)$/s;
/** What ends a driver: of the JVM, of Python, of spark-submit itself. */
const DRIVER_ENDED = /^(?:Exception in thread "main" |Traceback \(most recent call last\):|Error: )/;

/** Gathers, while an application runs, what will have been the reason if it fails. */
export class FailureReader {
  #stage: FailedStage | null = null;
  #fromUi: FailedStage | null = null;
  #driver: string[] = [];
  #last: string[] = [];
  /** Takes the lines that belong to the one before. */
  #more: ((line: string) => void) | null = null;

  /** A line of the driver's log. */
  line(text: string): DriverLine {
    const line = driverLine(text);
    if (line.level === null) this.#continued(text);
    else this.#headed(line);
    return line;
  }

  /** A stage that the REST API says has failed. What fails a job comes last. */
  stageFailed({ stageId, name, failureReason }: UiStage): void {
    this.#fromUi = { id: stageId, name, reason: failureReason ?? "" };
  }

  /** `reason`: the driver's own exception, or its last lines. */
  get found(): { readonly stage: FailedStage | null; readonly reason: string } {
    // The log is there to its end, the REST API only while the driver lives.
    const stage = this.#stage ?? this.#fromUi;
    const reason = this.#driver.length > 0 ? this.#driver : this.#last;
    return { stage, reason: reason.join("\n").trim() };
  }

  #headed(line: DriverLine): void {
    this.#more = null;
    const [, id, name = "", reason = ""] = STAGE_FAILED.exec(line.message) ?? [];
    if (id !== undefined) this.#stageLine(Number(id), name, reason);
    else if (line.level === "error") this.#remember(line.message);
  }

  #stageLine(id: number, name: string, first: string): void {
    const lines = [first];
    const update = (): void => void (this.#stage = { id, name, reason: lines.join("\n").trim() });
    update();
    this.#more = (line) => {
      if (lines.push(line) <= REASON_LINES) update();
    };
  }

  #continued(text: string): void {
    if (this.#more !== null) return this.#more(text);
    this.#remember(text);
    if (!DRIVER_ENDED.test(text)) return;
    const lines = [text];
    this.#driver = lines;
    this.#more = (line) => {
      if (lines.length < REASON_LINES) lines.push(line);
    };
  }

  #remember(text: string): void {
    if (text.trim() === "") return;
    this.#last.push(text);
    if (this.#last.length > LAST_LINES) this.#last.shift();
  }
}
