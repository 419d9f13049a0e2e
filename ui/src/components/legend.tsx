import { type State, TASK_RUN_STATES } from "../words/state.ts";
import { StateWord } from "./mark.tsx";

/** Every state with its mark and its word. */
export const Legend = ({ states = TASK_RUN_STATES }: { readonly states?: readonly State[] }) => (
  <p className="key legend">
    {states.map((state) => (
      <StateWord key={state} state={state} />
    ))}
  </p>
);
