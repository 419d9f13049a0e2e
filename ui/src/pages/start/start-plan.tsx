import type { Graph } from "../../api/workflows.ts";
import { Button } from "../../components/button.tsx";
import { Mark } from "../../components/mark.tsx";
import { count } from "../../words/count-text.ts";

interface StartPlanProps {
  readonly graph: Graph;
  /** Fields that are to be corrected. */
  readonly wrong: readonly string[];
  readonly refusal: string | null;
  readonly busy: boolean;
  /** Whether tasks run that could take a kept value; `null`: none could. */
  readonly fresh: boolean | null;
  readonly onFresh: (fresh: boolean) => void;
  readonly onStart: () => void;
}

const SHOWN = 20;
const DOES: Readonly<Record<string, string>> = { branch: "chooses", setup: "sets up", teardown: "takes down" };

/** What pressing the button will do. */
export function StartPlan({ graph, wrong, refusal, busy, fresh, onFresh, onStart }: StartPlanProps) {
  const { tasks } = graph;
  return (
    <aside className="side" aria-label="What will run">
      <h2>What will run</h2>
      <p className="dim">{count(tasks.length, "task")}, in the order of the graph.</p>
      <ul className="plan">
        {tasks.slice(0, SHOWN).map(({ name, mapped, sensor, kind }) => (
          <li key={name}>
            <Mark state="waiting" />
            <span className="cut" title={name}>
              {name}
            </span>
            <em>{mapped ? "for each element" : sensor ? "waits" : (DOES[kind] ?? "")}</em>
          </li>
        ))}
        {tasks.length > SHOWN && <li className="dim">and {tasks.length - SHOWN} more</li>}
      </ul>
      {fresh !== null && (
        <label>
          <input type="checkbox" checked={fresh} onChange={({ target }) => onFresh(target.checked)} /> all of them, kept
          values or not
        </label>
      )}
      <div className="sacts">
        <Button go shortcut="⌘↵" busy={busy} refusal={refusal} onPress={onStart}>
          Start the run
        </Button>
      </div>
      {wrong.length > 0 && (
        <p className="help">
          {count(wrong.length, "field")} to correct:{" "}
          {wrong.map((name) => (
            <a key={name} className="link err" href={`#param-${name}`}>
              {name}
            </a>
          ))}
        </p>
      )}
      {wrong.length === 0 && refusal !== null && <p className="help err">{refusal}</p>}
    </aside>
  );
}
