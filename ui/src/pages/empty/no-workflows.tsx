import { CommandStrip } from "../../components/command-strip.tsx";
import { Head } from "../../components/head.tsx";
import { Section } from "../../components/section.tsx";

const CODE = `// pipelines/hello.ts
import { dag, task } from "tutti";

const extract = task("extract", () => [120, 80, 45]);
const total = task("total", ({ sales }: { sales: number[] }) =>
  console.log("Sales today:", sales.reduce((a, b) => a + b, 0)));

export default dag("hello", { schedule: "@daily" }, () => {
  total({ sales: extract() });
});`;

/** An installation with nothing in it: the next step, and those after it. */
export const NoWorkflows = () => (
  <>
    <div className="staves" aria-hidden="true">
      {Array.from({ length: 5 }, (_, at) => (
        <div className="lane" key={at} />
      ))}
      <i className="now" style={{ left: "50%" }} />
    </div>
    <Head
      answer
      title="No workflows yet. Save one file."
      facts={
        <>
          <span>
            <code>tutti dev</code> watches <code>pipelines/</code>: what you save there is on this page within a second.
          </span>
          <span>
            <code>tutti start</code> reads it when it starts.
          </span>
        </>
      }
    />
    <Section name="1  Write">
      <div className="step">
        <pre className="code" tabIndex={0}>
          {CODE}
        </pre>
        <div className="prose">
          <p>
            Two tasks. <code>total</code> takes what <code>extract</code> returns, so it runs after it. The types are
            checked across.
          </p>
          <p className="dim">Or let the command line write a project:</p>
          <CommandStrip cli="npx tutti init" />
        </div>
      </div>
    </Section>
    <Section name="2  Run" note="waits for step 1">
      <CommandStrip cli="tutti run hello" />
    </Section>
    <Section name="3  Let it recur" note="waits for step 2">
      <CommandStrip cli="tutti schedule hello --count 5" />
    </Section>
  </>
);
