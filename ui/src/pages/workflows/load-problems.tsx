import type { LoadProblem } from "../../api/workflows.ts";
import { Section } from "../../components/section.tsx";
import { count } from "../../words/count-text.ts";

/** Files that do not load: what is wrong, and where. What loaded before goes on. */
export const LoadProblems = ({ problems }: { readonly problems: readonly LoadProblem[] }) => (
  <Section name="Does not load" note={`${count(problems.length, "problem")}; what loaded before goes on`}>
    {problems.map(({ code, message, file, line, column, excerpt, workflow }) => (
      <div className="error" key={`${file}:${line}:${message}`} role="alert">
        <p>{message}</p>
        <code>
          <u>
            {file}
            {line !== null && `:${line}${column === null ? "" : `:${column}`}`}
          </u>{" "}
          {workflow !== null && `workflow ${workflow} `}
          <span className="faint">{code}</span>
        </code>
        {excerpt !== null && <pre>{excerpt}</pre>}
      </div>
    ))}
  </Section>
);
