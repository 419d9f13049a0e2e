import { useMemo, useState } from "react";
import { type Approval, answered, approve, reject } from "../../api/approvals.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { CommandStrip, commandLine, curlText } from "../../components/command-strip.tsx";
import { type Params, ParamsForm } from "../../components/form/params-form.tsx";
import { problemOf } from "../../form/check-field.ts";
import { fieldsOf, type Schema } from "../../form/schema.ts";
import { useMayAnswer, whoMay } from "./who-may.ts";

/** Of a comment, as the server takes it. */
const MOST_CHARACTERS = 2_000;

/** A question in full: what one should know, what to fill in, and the two answers. */
export function Question({ approval }: { readonly approval: Approval }) {
  const { id, title, description, form: schema, hasForm, by } = approval;
  const [form, setForm] = useState<Params>({});
  const [comment, setComment] = useState("");
  const [broken, setBroken] = useState(false);
  const fields = useMemo(() => (schema === null ? null : fieldsOf(schema as Schema)), [schema]);
  const problems = (fields ?? []).flatMap((field) => {
    const problem = problemOf(field, form[field.name]);
    return problem === null ? [] : [[field.name, problem] as const];
  });
  const shown = problems.filter(([name]) => form[name] !== undefined);
  const reply = {
    ...(hasForm ? { form } : {}),
    ...(comment.trim() === "" ? {} : { comment: comment.trim() }),
  };
  const refusal = useMayAnswer(by);
  const say = (done: Approval): string => `"${done.title}" is ${done.state}.`;
  const yes = useAct({ needs: "viewer", act: () => approve(id, reply), say, after: answered });
  const no = useAct({ needs: "viewer", act: () => reject(id, reply), say, after: answered });
  const unready = broken
    ? "The JSON can't be read."
    : problems.length > 0
      ? `To fill in: ${problems.map(([name]) => name).join(", ")}`
      : null;
  return (
    <div className="question">
      {description !== null && <p className="about wrap">{description}</p>}
      {hasForm && (
        <ParamsForm fields={fields} params={form} problems={new Map(shown)} onChange={setForm} onBroken={setBroken} />
      )}
      <div className="f">
        <label htmlFor={`comment-${id}`}>
          comment
          <small>optional</small>
        </label>
        <div>
          <textarea
            id={`comment-${id}`}
            className="in json"
            rows={2}
            maxLength={MOST_CHARACTERS}
            value={comment}
            onChange={({ target }) => setComment(target.value)}
          />
          <p className="help">Why, for people: the task gets it, and the audit log keeps it.</p>
        </div>
      </div>
      <div className="press">
        <Button go busy={yes.busy} refusal={refusal ?? unready} onPress={yes.run}>
          Approve
        </Button>
        <Button busy={no.busy} refusal={refusal} onPress={no.run}>
          Reject
        </Button>
        <p className={refusal === null && unready === null ? "dim" : "dim why"}>
          {refusal ?? unready ?? `${whoMay(by)} may answer; the first answer counts.`}
        </p>
      </div>
      <CommandStrip
        cli={commandLine(
          "tutti",
          "approve",
          id,
          ...(hasForm ? ["--data", JSON.stringify(form)] : []),
          ...(reply.comment === undefined ? [] : ["--comment", reply.comment]),
        )}
        curl={curlText("POST", `/api/approvals/${id}/approve`, reply)}
        ts={`await tutti.post("/api/approvals/{approval}/approve", { params: { approval: ${JSON.stringify(id)} }, body: ${JSON.stringify(reply)} }); // ${title}`}
      />
    </div>
  );
}
