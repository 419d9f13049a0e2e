import { useQuery } from "@tanstack/react-query";
import { metricsQuery, processesQuery, readyQuery } from "../../api/server.ts";
import { loadProblemsQuery } from "../../api/workflows.ts";
import { CommandStrip, curlText } from "../../components/command-strip.tsx";
import { Head } from "../../components/head.tsx";
import { Section } from "../../components/section.tsx";
import { count, figure } from "../../words/count-text.ts";
import { LoadProblems } from "../workflows/load-problems.tsx";
import { ConnectionSection, SecretSection } from "./kept-sections.tsx";
import { PoolTable } from "./pool-table.tsx";
import { ProcessTable } from "./process-table.tsx";
import "../../styles/ops.css";

/** Does everything that should work, work? */
export function OpsPage() {
  const { data: processes = [] } = useQuery(processesQuery);
  const { data: ready } = useQuery(readyQuery);
  const { data: all = [] } = useQuery(metricsQuery);
  const { data: problems = [] } = useQuery(loadProblemsQuery);
  // What is of one workflow stands on its page.
  const figures = all.filter(({ labels }) => !labels.startsWith("workflow="));
  const alive = processes.filter((each) => each.alive);
  const slots = alive.reduce((sum, each) => sum + each.slots, 0);
  return (
    <>
      <Head
        title="Ops"
        facts={
          <>
            <span className={ready === false ? "bad" : undefined}>
              {ready === undefined ? "asking" : ready ? "the store answers" : "the store does not answer"}
            </span>
            <span>
              <b>{count(alive.length, "process", "processes")}</b>, {figure(slots)} slots
            </span>
            {processes.length > alive.length && (
              <span className="bad">{processes.length - alive.length} died within a day</span>
            )}
          </>
        }
      />
      {problems.length > 0 && <LoadProblems problems={problems} />}
      <Section name="Processes" note="those that live first">
        <ProcessTable processes={processes} />
      </Section>
      <Section name="Pools" note="slots that tasks share">
        <PoolTable />
      </Section>
      <ConnectionSection />
      <SecretSection />
      <Section name="Figures" note="as Prometheus reads them">
        <table>
          <thead>
            <tr>
              <th>name</th>
              <th>of</th>
              <th className="num">value</th>
              <th className="wide">what it is</th>
            </tr>
          </thead>
          <tbody>
            {figures.map(({ name, labels, value, help }) => (
              <tr key={`${name}${labels}`}>
                <td className="mono wrap">{name}</td>
                <td className="mono dim wrap">{labels}</td>
                <td className="num">{Number.isInteger(value) ? figure(value) : value.toPrecision(3)}</td>
                <td className="wide dim">{help}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <CommandStrip cli="tutti doctor" curl={curlText("GET", "/metrics")} />
      </Section>
    </>
  );
}
