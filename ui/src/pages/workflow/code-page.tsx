import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ManifestDiff } from "../../../../src/core/manifest-diff.ts";
import { type Version, versionDiffQuery, versionsQuery } from "../../api/workflows.ts";
import { Moment } from "../../components/moment.tsx";
import { Section } from "../../components/section.tsx";
import { count } from "../../words/count-text.ts";
import { WorkflowFrame } from "./workflow-frame.tsx";

const route = getRouteApi("/workflows/$workflow/code");

/** Which code is it, and what changed when? */
export function CodePage() {
  const { workflow } = route.useParams();
  const { data: versions = [] } = useQuery(versionsQuery(workflow));
  return (
    <WorkflowFrame name={workflow} tab="/workflows/$workflow/code" note={count(versions.length, "version")}>
      {() =>
        versions.map((version, at) => (
          <VersionOf key={version.version} workflow={workflow} version={version} before={versions[at + 1]} />
        ))
      }
    </WorkflowFrame>
  );
}

interface VersionOfProps {
  readonly workflow: string;
  readonly version: Version;
  readonly before: Version | undefined;
}

function VersionOf({ workflow, version, before }: VersionOfProps) {
  return (
    <Section
      name={version.version.slice(0, 8)}
      note={
        <>
          <Moment at={version.registeredAt} as="long" />
          {version.latest && ", the latest"}
        </>
      }
    >
      <p className="dim">
        <span className="mono">{version.file}</span>
        {version.unfinishedRuns > 0 && `, ${count(version.unfinishedRuns, "run")} not finished`}.{" "}
        <Link
          className="link"
          to="/workflows/$workflow/graph"
          params={{ workflow }}
          search={{ version: version.version, from: before?.version }}
        >
          {before === undefined ? "graph" : "graph, with what differs"}
        </Link>
      </p>
      {before === undefined ? (
        <p>The first that is kept.</p>
      ) : (
        <Differs workflow={workflow} version={version.version} from={before.version} />
      )}
      <Outside packages={version.outside} />
    </Section>
  );
}

function Differs({
  workflow,
  version,
  from,
}: {
  readonly workflow: string;
  readonly version: string;
  readonly from: string;
}) {
  const { data } = useQuery(versionDiffQuery(workflow, version, from));
  if (data === undefined) return null;
  if (data.same) return <p>The graph is the same; the code of tasks differs.</p>;
  const { tasks, edges, groups, fields } = data.diff as ManifestDiff;
  return (
    <ul className="diff">
      {tasks.added.map((name) => (
        <li key={`+${name}`} className="add">
          + task {name}
        </li>
      ))}
      {tasks.removed.map((name) => (
        <li key={`-${name}`} className="del">
          − task {name}
        </li>
      ))}
      {tasks.changed.map((part) => (
        <li key={`~${part.name}`}>
          ~ task {part.name}: {part.fields.join(", ")}
        </li>
      ))}
      {edges.added.map(({ from: a, to }) => (
        <li key={`+${a} ${to}`} className="add">
          + {a} → {to}
        </li>
      ))}
      {edges.removed.map(({ from: a, to }) => (
        <li key={`-${a} ${to}`} className="del">
          − {a} → {to}
        </li>
      ))}
      {groups.map((part) => (
        <li key={`g${part.name}`}>
          ~ group {part.name}: {part.fields.join(", ")}
        </li>
      ))}
      {fields.map((field) => (
        <li key={`f${field}`}>~ {field}</li>
      ))}
    </ul>
  );
}

function Outside({ packages }: { readonly packages: unknown }) {
  const all = Object.entries((packages ?? {}) as Record<string, unknown>);
  if (all.length === 0) return null;
  return (
    <p className="faint">
      with {all.map(([name, version]) => `${name} ${typeof version === "string" ? version : ""}`.trim()).join(", ")}
    </p>
  );
}
