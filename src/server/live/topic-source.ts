import type { TaskProgress } from "../../engine/task-progress.ts";

/** Where a topic's facts come from. */
export interface TopicSource {
  /** All of it, as it is now. */
  snapshot(): Promise<object>;
  /** Tells what is new. `changed`: hints of what may have changed, `run:<id>` or a topic's name. */
  look(changed: ReadonlySet<string>): Promise<void>;
  /** A task of its run has said how far it is; told with the next look. */
  progressed?(progress: TaskProgress): void;
  close(): void;
}
