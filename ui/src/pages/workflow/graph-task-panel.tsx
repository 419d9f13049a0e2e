import type { Graph } from "../../api/workflows.ts";
import { Fact, Facts } from "../../components/facts.tsx";

interface GraphTaskPanelProps {
  readonly graph: Graph;
  readonly task: string | undefined;
  readonly onSelect: (task: string) => void;
}

/** What a task is, what it waits for, and what waits for it. */
export function GraphTaskPanel({ graph, task, onSelect }: GraphTaskPanelProps) {
  const at = graph.tasks.findIndex(({ name }) => name === task);
  const node = graph.tasks[at];
  if (node === undefined)
    return (
      <aside className="side" aria-label="Selected">
        <p className="dim">Select a task: what it waits for, and what waits for it. A press on a group folds it.</p>
      </aside>
    );
  const linked = (from: 0 | 1) =>
    graph.edges.flatMap((edge) =>
      edge[from] === at ? [{ name: graph.tasks[edge[1 - from]!]!.name, kind: graph.edgeKinds[edge[2]!] }] : [],
    );
  return (
    <aside className="side" aria-label="Selected">
      <p className="cap">{node.kind}</p>
      <h2 className="wrap">{node.name}</h2>
      {node.description !== null && <p className="dim">{node.description}</p>}
      <Facts>
        <Fact name="rule">{node.rule}</Fact>
        {node.mapped && <Fact name="mapped">one task run for each element</Fact>}
        {node.sensor && <Fact name="sensor">asked again until it answers</Fact>}
        <Fact name="queue">{node.queue ?? "default"}</Fact>
        {node.group !== null && <Fact name="group">{graph.groups[node.group]!.name}</Fact>}
      </Facts>
      <Linked word="Waits for" tasks={linked(1)} onSelect={onSelect} />
      <Linked word="Then" tasks={linked(0)} onSelect={onSelect} />
    </aside>
  );
}

interface LinkedProps {
  readonly word: string;
  readonly tasks: readonly { readonly name: string; readonly kind: string | undefined }[];
  readonly onSelect: (task: string) => void;
}

const Linked = ({ word, tasks, onSelect }: LinkedProps) => (
  <>
    <h3>
      {word} <span>{tasks.length}</span>
    </h3>
    {tasks.length === 0 && <p className="dim">nothing</p>}
    <Facts>
      {tasks.map(({ name, kind }) => (
        <Fact key={name} name={kind ?? ""}>
          <button type="button" className="link wrap" onClick={() => onSelect(name)}>
            {name}
          </button>
        </Fact>
      ))}
    </Facts>
  </>
);
