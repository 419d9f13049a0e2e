import type { WorkflowManifest } from "../../../../src/core/manifest.ts";
import { partitionsOf } from "../../../../src/core/workflow-partitions.ts";
import { Section } from "../../components/section.tsx";

/** What the run is for: a date, or a partition of what the workflow makes. */
export interface AskedWindow {
  readonly date: string;
  readonly partition: string;
}

/** As the API and the command line take it: a partition says more than a date. */
export const windowBody = ({ date, partition }: AskedWindow) =>
  partition !== "" ? { partition } : date !== "" ? { date } : {};

interface WindowFieldsProps {
  readonly manifest: WorkflowManifest;
  readonly asked: AskedWindow;
  readonly onAsk: (asked: AskedWindow) => void;
}

export function WindowFields({ manifest, asked, onAsk }: WindowFieldsProps) {
  const made = partitionsOf(manifest);
  return (
    <Section name="Window" note="what ctx.date will be">
      {(made.length > 0 || asked.partition !== "") && (
        <div className="f">
          <label htmlFor="partition">
            partition
            <small>optional</small>
          </label>
          <div>
            <input
              id="partition"
              className="in w1"
              list="partitions"
              value={asked.partition}
              onChange={({ target }) => onAsk({ ...asked, partition: target.value })}
            />
            <datalist id="partitions">
              {made.flatMap(({ partitions }) =>
                partitions.kind === "static" ? partitions.keys.map((key) => <option key={key}>{key}</option>) : [],
              )}
            </datalist>
            <p className="help">
              The part of {made.flatMap(({ assets }) => assets).join(", ")} that it makes: ctx.partition. Empty: none.
            </p>
          </div>
        </div>
      )}
      <div className="f">
        <label htmlFor="date">
          date
          <small>optional</small>
        </label>
        <div>
          <input
            id="date"
            className="in w1"
            placeholder="YYYY-MM-DD"
            disabled={asked.partition !== ""}
            value={asked.date}
            onChange={({ target }) => onAsk({ ...asked, date: target.value.trim() })}
          />
          <p className="help">
            {manifest.schedules.length > 0
              ? "The window that contains it. Empty: the last one that has closed."
              : "Empty: today."}{" "}
            A run by hand neither fills nor blocks a window of the schedule.
          </p>
        </div>
      </div>
    </Section>
  );
}
