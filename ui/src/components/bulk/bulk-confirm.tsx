import { useQuery } from "@tanstack/react-query";
import { count, figure } from "../../words/count-text.ts";
import { useAct } from "../act.ts";
import { Button } from "../button.tsx";
import { CommandStrip, curlText } from "../command-strip.tsx";
import { askAll, AT_ONCE, type BulkAct } from "./bulk-act.ts";
import type { Rows } from "./use-rows.ts";

interface BulkConfirmProps {
  readonly act: BulkAct;
  readonly rows: Rows;
  readonly noun: string;
  readonly onLeave: () => void;
  readonly onDone: () => void;
}

/** Of how many it is, and which stay; pressed once more, it is done to just those. */
export function BulkConfirm({ act, rows, noun, onLeave, onDone }: BulkConfirmProps) {
  const { word, done, fits, only, refusal = null, fields } = act;
  const { data: counted } = useQuery({
    queryKey: ["bulk", act.path, act.body("all")],
    queryFn: () => act.ask("all", true),
    enabled: rows.all && refusal === null,
    staleTime: 0,
    gcTime: 0,
  });
  const ids = rows.all
    ? (counted?.items.map(({ id }) => String(id)) ?? null)
    : [...rows.chosen].filter((key) => fits(key));
  const left = rows.all ? 0 : rows.chosen.size - (ids?.length ?? 0);
  const go = useAct({
    needs: "operator",
    act: () => askAll(ids ?? [], (some) => act.ask(some, false)),
    say: ({ items }) => `${count(items.filter(({ ok }) => ok).length, noun)} ${done}.`,
    after: ({ items }) => {
      rows.told(new Map(items.map(({ id, ok, error }) => [String(id), ok ? null : (error?.message ?? "refused")])));
      onDone();
    },
  });
  const why = refusal ?? (ids === null ? "They are being counted." : ids.length === 0 ? "There are none." : go.refusal);
  return (
    <div className="panel" role="group" aria-label={`${word} ${noun}s`}>
      {fields}
      <p className="dim">
        {ids === null
          ? (refusal ?? "Counting…")
          : counted?.more === true && rows.all
            ? `These are the first ${figure(AT_ONCE)}; there are more, for which to ask again.`
            : left === 0
              ? `It is about ${count(ids.length, noun)}.`
              : `Only ${noun}s ${only} are meant: ${figure(left)} of the ${figure(rows.chosen.size)} chosen ${left === 1 ? "stays as it is" : "stay as they are"}.`}
      </p>
      <div className="row">
        <Button go focused={fields === undefined} busy={go.busy} refusal={why} onPress={go.run}>
          {word} {count(ids?.length ?? 0, noun)}
        </Button>
        <Button onPress={onLeave}>Leave {ids?.length === 1 ? "it" : "them"}</Button>
      </div>
      <CommandStrip curl={curlText("POST", act.path, act.body(rows.all ? "all" : (ids ?? [])))} />
    </div>
  );
}
