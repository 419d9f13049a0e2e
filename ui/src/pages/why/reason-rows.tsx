import { Link } from "@tanstack/react-router";
import { Mark } from "../../components/mark.tsx";
import type { ReasonLine } from "../../why/reason-line.ts";
import type { Condition } from "./conditions.ts";

const WORDS = { yes: ["succeeded", "met"], no: ["failed", "not met"], wait: ["late", "will wait"] } as const;

const Met = ({ met }: { readonly met: keyof typeof WORDS }) => (
  <td>
    <span className={`st ${WORDS[met][0]}`}>
      <Mark state={WORDS[met][0]} />
      <span className="word">{WORDS[met][1]}</span>
    </span>
  </td>
);

export const ConditionRow = ({ condition: { name, met, facts } }: { readonly condition: Condition }) => (
  <tr className={met === "no" ? "no" : undefined}>
    <Met met={met} />
    <td className="cn">
      <b>{name}</b>
    </td>
    <td className="wrap">{facts}</td>
  </tr>
);

/** One of its reasons, with a way to where there is more. */
export const ReasonRow = ({ line: { met, name, text, to } }: { readonly line: ReasonLine }) => (
  <tr className={met === "no" ? "no" : undefined}>
    <Met met={met} />
    <td className="cn">
      <b>{name}</b>
    </td>
    <td className="wrap">
      {text}
      {to !== undefined && (
        <>
          {" "}
          <Link className="link" to={to}>
            {to === "/approvals" ? "answer it" : to === "/ops" ? "who holds what" : "events"}
          </Link>
        </>
      )}
    </td>
  </tr>
);
