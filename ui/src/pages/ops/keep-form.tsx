import { type FormEvent, useState } from "react";
import { useAct } from "../../components/act.ts";

interface KeepFormProps {
  /** What is kept: `secret`, `connection`. */
  readonly word: string;
  /** What of it is secret: `value`, `url`. */
  readonly secret: string;
  readonly placeholder?: string;
  readonly keep: (given: { name: string; secret: string; description: string | null }) => Promise<unknown>;
  readonly after: () => void;
}

const EMPTY = { name: "", secret: "", description: "" };

/** Something goes in, and never comes out: another value under its name replaces it. */
export function KeepForm({ word, secret, placeholder, keep, after }: KeepFormProps) {
  const [given, setGiven] = useState(EMPTY);
  const act = useAct({
    needs: "editor",
    act: () => keep({ ...given, description: given.description === "" ? null : given.description }),
    say: () => `The ${word} "${given.name}" is kept, encrypted.`,
    after: () => {
      setGiven(EMPTY);
      after();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (act.refusal === null) act.run();
  };
  const set = (part: Partial<typeof EMPTY>): void => setGiven({ ...given, ...part });
  return (
    <form className="filters keep" onSubmit={submit} aria-label={`Keep a ${word}`}>
      <label>
        name{" "}
        <input
          className="in quiet"
          required
          maxLength={200}
          autoComplete="off"
          value={given.name}
          onChange={({ target }) => set({ name: target.value })}
        />
      </label>
      <label>
        {secret}{" "}
        <input
          className="in quiet"
          type="password"
          required
          maxLength={65_536}
          autoComplete="new-password"
          placeholder={placeholder}
          value={given.secret}
          onChange={({ target }) => set({ secret: target.value })}
        />
      </label>
      <label>
        what for{" "}
        <input
          className="in quiet"
          maxLength={1_000}
          value={given.description}
          onChange={({ target }) => set({ description: target.value })}
        />
      </label>
      <button
        type="submit"
        className="btn small"
        aria-busy={act.busy || undefined}
        aria-disabled={act.refusal !== null || undefined}
        title={act.refusal ?? undefined}
      >
        Keep
      </button>
    </form>
  );
}
