import { useQuery } from "@tanstack/react-query";
import { queryClient } from "../../api/query-client.ts";
import { runQuery, someRunsQuery } from "../../api/runs.ts";
import type { Params } from "../../components/form/params-form.tsx";
import { Moment } from "../../components/moment.tsx";
import { tell } from "../../components/notices.tsx";

interface RecentParamsProps {
  readonly workflow: string;
  readonly onTake: (params: Params) => void;
}

const SHOWN = 3;

/** What it was started with lately, to take again. */
export function RecentParams({ workflow, onTake }: RecentParamsProps) {
  const { data: runs = [] } = useQuery(someRunsQuery({ workflow }, 20));
  const take = async (id: string): Promise<void> => {
    try {
      const run = await queryClient.fetchQuery(runQuery(id));
      onTake((run?.input ?? {}) as Params);
    } catch (error) {
      tell("failed", (error as Error).message);
    }
  };
  if (runs.length === 0) return null;
  return (
    <p className="quick">
      last used
      {runs.slice(0, SHOWN).map(({ id, date, createdAt, trigger }) => (
        <button key={id} type="button" className="link" title={`by ${trigger}`} onClick={() => void take(id)}>
          {date}, <Moment at={createdAt} />
        </button>
      ))}
      <button type="button" className="link" onClick={() => onTake({})}>
        defaults
      </button>
    </p>
  );
}
