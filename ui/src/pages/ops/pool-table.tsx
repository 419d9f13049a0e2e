import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type Pool, poolsQuery } from "../../api/ops.ts";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine } from "../../components/command-strip.tsx";
import { Moment } from "../../components/moment.tsx";
import { count, figure } from "../../words/count-text.ts";

const SHOWN = 5;
const MOST_SLOTS = 1_000_000;

/** How full each pool is, and who has its slots. */
export function PoolTable() {
  const { data: pools } = useQuery(poolsQuery);
  if (pools === undefined) return null;
  if (pools.length === 0)
    return (
      <p className="dim">
        None. <code>pools: {"{ warehouse: 4 }"}</code> in the configuration makes one; a task with{" "}
        <code>pool: "warehouse"</code> takes a slot of it.
      </p>
    );
  return (
    <>
      <table className="pools">
        <thead>
          <tr>
            <th>pool</th>
            <th className="num">taken</th>
            <th className="wide">
              <span className="out">as a bar</span>
            </th>
            <th>held by</th>
            <th>
              <span className="out">acts</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {pools.map((pool) => (
            <PoolRow key={pool.name} pool={pool} />
          ))}
        </tbody>
      </table>
      <CommandStrip cli={commandLine("tutti", "pools")} />
    </>
  );
}

function PoolRow({ pool }: { readonly pool: Pool }) {
  const { name, slots, used, declared, holders, changedBy } = pool;
  const [size, setSize] = useState<string | null>(null);
  const resize = useAct({
    needs: "editor",
    act: () => tutti().patch("/api/pools/{pool}", { params: { pool: name }, body: { slots: Number(size) } }),
    say: (done) => `Pool "${name}" has ${count(done.slots, "slot")}.`,
    after: () => {
      setSize(null);
      void queryClient.invalidateQueries({ queryKey: ["pools"] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    resize.run();
  };
  return (
    <tr>
      <td className="wrap">
        <b>{name}</b>
        {declared === null && <p className="dim">the configuration names it no more</p>}
        {declared !== null && declared !== slots && (
          <p className="dim">
            {figure(declared)} in the configuration{changedBy !== null && `, changed by ${changedBy}`}
          </p>
        )}
      </td>
      <td className="num nowrap">
        {figure(used)} of {figure(slots)}
      </td>
      <td className="wide">
        <span className="fill" aria-hidden="true">
          <i className={used >= slots ? "full" : undefined} style={{ width: `${Math.min(1, used / slots) * 100}%` }} />
        </span>
      </td>
      <td className="wrap">
        {holders.length === 0 && <span className="faint">nobody</span>}
        {holders.slice(0, SHOWN).map(({ runId, taskRunId, workflow, task, mapIndex, slots: own, since }) => (
          <p key={taskRunId}>
            <Link
              className="link"
              to="/runs/$run"
              params={{ run: runId }}
              search={{ task, map: mapIndex ?? undefined }}
            >
              {workflow} / {task}
              {mapIndex !== null && `[${mapIndex}]`}
            </Link>{" "}
            <span className="dim">
              {own > 1 && `${own} slots `}since <Moment at={since} as="seconds" />
            </span>
          </p>
        ))}
        {holders.length > SHOWN && <p className="dim">and {holders.length - SHOWN} more</p>}
      </td>
      <td className="num">
        {size === null ? (
          <Button small refusal={resize.refusal} onPress={() => setSize(String(slots))}>
            Resize…
          </Button>
        ) : (
          <form className="resize" onSubmit={submit}>
            <input
              className="in"
              type="number"
              min={1}
              max={MOST_SLOTS}
              required
              aria-label={`slots of ${name}`}
              value={size}
              onChange={({ target }) => setSize(target.value)}
            />
            <button type="submit" className="btn small" aria-busy={resize.busy || undefined}>
              Resize
            </button>
            <Button small bare onPress={() => setSize(null)}>
              Leave it
            </Button>
          </form>
        )}
      </td>
    </tr>
  );
}
