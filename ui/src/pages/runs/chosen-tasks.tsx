import { useQuery } from "@tanstack/react-query";
import type { Mark } from "../../../../src/core/control.ts";
import { workflowQuery } from "../../api/workflows.ts";
import { Segments } from "../../components/segments.tsx";

const AS: readonly Mark[] = ["succeeded", "failed", "skipped"];

/** Which tasks of each run, and what becomes of them. */
export interface TaskWish {
  readonly tasks: readonly string[];
  readonly downstream: boolean;
  readonly as: Mark;
  readonly reason: string;
}

export const NO_TASKS: TaskWish = { tasks: [], downstream: true, as: "succeeded", reason: "" };

interface ChosenTasksProps {
  readonly act: "clear" | "mark";
  /** `null`: the runs are not of one. */
  readonly workflow: string | null;
  readonly wish: TaskWish;
  readonly onChange: (wish: TaskWish) => void;
}

/** The tasks of a workflow, to be cleared or marked in many of its runs. */
export function ChosenTasks({ act, workflow, wish, onChange }: ChosenTasksProps) {
  const { data } = useQuery({ ...workflowQuery(workflow ?? ""), enabled: workflow !== null });
  if (workflow === null) return null;
  const set = (change: Partial<TaskWish>): void => onChange({ ...wish, ...change });
  const turn = (name: string, isOn: boolean): void =>
    set({ tasks: isOn ? [...wish.tasks, name] : wish.tasks.filter((each) => each !== name) });
  return (
    <>
      <fieldset className="tasks">
        <legend className="dim">Tasks of {workflow}</legend>
        {(data?.manifest.tasks ?? []).map(({ name }) => (
          <label key={name}>
            <input
              type="checkbox"
              className="choose"
              checked={wish.tasks.includes(name)}
              onChange={({ target }) => turn(name, target.checked)}
            />{" "}
            <span className="wrap">{name}</span>
          </label>
        ))}
      </fieldset>
      {act === "clear" ? (
        <label>
          <input
            type="checkbox"
            className="choose"
            checked={wish.downstream}
            onChange={({ target }) => set({ downstream: target.checked })}
          />{" "}
          and everything that comes after them
        </label>
      ) : (
        <div className="row">
          <Segments
            label="as"
            value={wish.as}
            onChange={(as) => set({ as })}
            options={AS.map((each) => [each, each] as const)}
          />
          <label>
            why{" "}
            <input
              className="in quiet"
              maxLength={1000}
              value={wish.reason}
              placeholder="goes into the audit log"
              onChange={({ target }) => set({ reason: target.value })}
            />
          </label>
        </div>
      )}
    </>
  );
}
