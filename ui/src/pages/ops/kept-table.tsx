import { useState, type ReactNode } from "react";
import type { Connection, Secret } from "../../api/ops.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { Moment } from "../../components/moment.tsx";

interface KeptTableProps<T extends Secret | Connection> {
  readonly kept: readonly T[];
  /** What one of them is called. */
  readonly word: string;
  readonly shown?: (each: T) => ReactNode;
  readonly remove: (name: string) => Promise<unknown>;
  readonly after: () => void;
}

/** What the store keeps encrypted: names and who changed them, never what is secret. */
export const KeptTable = <T extends Secret | Connection>({ kept, word, shown, remove, after }: KeptTableProps<T>) => (
  <table>
    <thead>
      <tr>
        <th>name</th>
        {shown !== undefined && <th>url</th>}
        <th className="wide">what for</th>
        <th>changed</th>
        <th className="wide">by</th>
        <th>
          <span className="out">acts</span>
        </th>
      </tr>
    </thead>
    <tbody>
      {kept.map((each) => (
        <tr key={each.name}>
          <td className="wrap keptname">
            <b>{each.name}</b>
            {each.tags !== null && <span className="dim"> only {each.tags.join(", ")}</span>}
          </td>
          {shown !== undefined && <td className="mono wrap">{shown(each)}</td>}
          <td className="wide dim wrap">{each.description}</td>
          <td className="nowrap">
            <Moment at={each.updatedAt} />
          </td>
          <td className="wide dim wrap">{each.updatedBy}</td>
          <td className="num">
            <Remove name={each.name} word={word} remove={remove} after={after} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

interface RemoveProps extends Pick<KeptTableProps<Secret>, "word" | "remove" | "after"> {
  readonly name: string;
}

function Remove({ name, word, remove, after }: RemoveProps) {
  const [sure, setSure] = useState(false);
  const act = useAct({ needs: "editor", act: () => remove(name), say: () => `${word} "${name}" is gone.`, after });
  if (!sure)
    return (
      <Button small refusal={act.refusal} label={`Remove ${name}…`} onPress={() => setSure(true)}>
        Remove…
      </Button>
    );
  return (
    <>
      <p className="dim">Tasks that declare it fail from now on.</p>
      <Button small busy={act.busy} label={`Remove ${name}`} onPress={act.run} focused>
        Remove
      </Button>{" "}
      <Button small bare onPress={() => setSure(false)}>
        Keep
      </Button>
    </>
  );
}
