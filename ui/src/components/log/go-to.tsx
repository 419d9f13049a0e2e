import { type FormEvent, useState } from "react";

/** To any line of a long log, without those before it. */
export function GoTo({ onLine }: { readonly onLine: (line: number) => void }) {
  const [text, setText] = useState("");
  const go = (event: FormEvent): void => {
    event.preventDefault();
    const line = Number(text.replaceAll(/[ ,.]/g, ""));
    if (Number.isSafeInteger(line) && line > 0) onLine(line);
  };
  return (
    <form className="goto" onSubmit={go}>
      <label>
        go to line{" "}
        <input className="in quiet" inputMode="numeric" value={text} onChange={({ target }) => setText(target.value)} />
      </label>
    </form>
  );
}
