import { Dialog } from "./dialog.tsx";

const KEYS = [
  ["⌘K  Ctrl K  /", "jump to a workflow, a run, a page"],
  ["?", "this sheet"],
  ["j  k", "next and previous row"],
  ["← ↑ → ↓", "in the grid and in the graph"],
  ["Enter", "open what is selected"],
  ["x  X", "choose the row; from the row chosen before to it"],
  ["[  ]", "previous and next run of the workflow"],
  ["e", "first error of the log"],
  ["w", "why"],
  ["r", "retry"],
  ["s", "start a run"],
  ["Esc", "clear the selection"],
] as const;

export const KeySheet = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog label="Keys" onClose={onClose}>
    <h2>Keys</h2>
    <dl className="kv keys">
      {KEYS.map(([keys, what]) => (
        <div key={keys}>
          <dt>
            <kbd>{keys}</kbd>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
