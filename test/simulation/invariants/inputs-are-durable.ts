import type { Part } from "../../../src/runtime/protocol.ts";
import type { Invariant, Start } from "../invariant.ts";
import { signatures } from "../outcomes.ts";
import type { Recorded } from "../recorded.ts";

/** Every value is signed by the claim that made it. Whoever gets one must find that claim recorded as succeeded. */
export class InputsAreDurable implements Invariant {
  readonly fact = "what a task reads was durable before it started";

  *started({ assignment, shared }: Start, recorded: Recorded): Iterable<string> {
    for (const [name, part] of Object.entries(assignment.values)) {
      for (const text of textsOf(part, shared)) {
        if (text === undefined)
          yield `task run ${assignment.taskRunId} reads "${name}", a shared part that its worker never got`;
        for (const { taskRunId, claim } of signatures(text ?? "")) {
          const row = recorded.taskRun(taskRunId);
          if (row?.state === "succeeded" && row.claim === claim) continue;
          yield `task run ${assignment.taskRunId} reads "${name}" made by task run ${taskRunId} under claim ${claim}, which is recorded as ${row?.state} under ${row?.claim}`;
        }
      }
      if (part.kind === "absent") yield* this.#missed(assignment.runId, name, recorded);
    }
  }

  *#missed(runId: string, name: string, recorded: Recorded): Iterable<string> {
    if (!name.startsWith("out:")) return;
    const place = Number(name.slice("out:".length));
    for (const row of recorded.runs.get(runId)?.taskRuns.values() ?? []) {
      if (recorded.placeOf(row.id) === place && row.mapIndex === null && row.state === "succeeded")
        yield `"${name}" is absent, and task run ${row.id} has succeeded`;
    }
  }
}

function textsOf(part: Part, shared: (key: string) => string | undefined): (string | undefined)[] {
  switch (part.kind) {
    case "text":
      return [part.text];
    case "shared":
      return [shared(part.key)];
    case "gathered":
    case "settled":
      return (part.items as readonly Part[]).flatMap((item) => textsOf(item, shared));
    case "element":
      return part.value === null ? [] : textsOf(part.value, shared);
    default:
      return [];
  }
}
