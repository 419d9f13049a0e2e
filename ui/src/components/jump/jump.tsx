import { useNavigate } from "@tanstack/react-router";
import { useId, useState, type KeyboardEvent } from "react";
import { Dialog } from "../dialog.tsx";
import { Mark } from "../mark.tsx";
import { type Destination, useDestinations } from "./destinations.ts";

/** Type a few letters of where to go, or of what to do. */
export function Jump({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useDestinations(text);
  const navigate = useNavigate();
  const id = useId();
  const go = ({ to }: Destination): void => {
    onClose();
    void navigate({ href: to });
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((at + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && found[at] !== undefined) go(found[at]);
  };
  return (
    <Dialog label="Jump to" className="jumper" onClose={onClose}>
      <input
        role="combobox"
        aria-label="Jump to a workflow, a run or a page"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[at] === undefined ? undefined : `${id}-${at}`}
        placeholder="Jump to…"
        value={text}
        autoFocus
        onKeyDown={press}
        onChange={({ target }) => {
          setText(target.value);
          setAt(0);
        }}
      />
      <ul id={id} role="listbox" aria-label="Where to">
        {found.map((each, place) => (
          <li
            key={each.to}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === at}
            onPointerMove={() => setAt(place)}
            onClick={() => go(each)}
          >
            {each.state !== undefined && <Mark state={each.state} />}
            <span className="cut">{each.name}</span>
            <em>{each.what}</em>
          </li>
        ))}
        {found.length === 0 && <li className="none">Nothing is called that.</li>}
      </ul>
    </Dialog>
  );
}
