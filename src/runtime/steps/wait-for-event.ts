import type { WaitForEventOptions } from "../../authoring/context.ts";
import type { EventInfo } from "../../authoring/event-info.ts";
import { addMs, type Instant } from "../../core/clock.ts";
import { NEVER } from "../../core/wait.ts";
import { eventInfo } from "../emitted.ts";
import { hearEvent, readWanted, type WantedEvent } from "./hear-event.ts";
import type { StepBook } from "./step-book.ts";
import type { StepId } from "./step-record.ts";
import type { StepPorts } from "./steps.ts";

type EventPorts = Pick<StepPorts, "events" | "now">;

/** `null`: none came in time. @throws TuttiError `BAD_EVENT_NAME`, `BAD_OPTION`, `BAD_DURATION` */
export async function waitForEvent(
  name: string,
  options: WaitForEventOptions,
  book: StepBook,
  ports: EventPorts,
): Promise<EventInfo | null> {
  const what = `ctx.waitForEvent(${JSON.stringify(name)})`;
  const wanted = readWanted(name, options, what);
  book.checkPlace(what);
  const id = book.open("sleep", what);
  const known = await book.recorded(id);
  if (known) return known.kind === "heard" && known.event ? eventInfo(known.event) : null;
  const { parking } = book;
  const { dueAt, mark } = await beginWait(id, wanted, book, ports);
  const event = await hearEvent(wanted, { dueAt, mark: mark ?? "" }, { ports, parking });
  await book.write({ kind: "heard", id, event });
  return event && eventInfo(event);
}

/** Durable before it waits: what happens from here on counts, also for a body that runs again. */
export async function beginWait(
  id: StepId,
  { name, timeoutMs }: Pick<WantedEvent, "name" | "timeoutMs">,
  { journal, parking, replay }: StepBook,
  ports: EventPorts,
): Promise<{ readonly dueAt: Instant; readonly mark?: string; readonly at?: Instant }> {
  await parking.awake();
  const begun = replay?.begun(id);
  if (begun) return begun;
  return parking.whileWriting(async () => {
    const { mark } = await ports.events(name, null);
    const at = ports.now();
    const dueAt = timeoutMs === null ? NEVER : Math.min(NEVER, addMs(at, timeoutMs));
    await journal.write({ kind: "sleep", id, dueAt, mark, at });
    return { dueAt, mark, at };
  });
}
