import { Link } from "@tanstack/react-router";
import type { News } from "../../api/overview.ts";
import { Mark } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { RunBars } from "../../components/run-bars.tsx";
import { Section } from "../../components/section.tsx";
import { durationText } from "../../words/duration-text.ts";
import { lengthOf } from "../../words/run-length.ts";
import { runFor } from "../../words/run-for.ts";

/** What is worth knowing and needs nothing. */
export const NewsSection = ({ news, now }: { readonly news: readonly News[]; readonly now: number }) => (
  <Section name="To know" note="within a day">
    <div className="needs">
      {news.slice(0, 8).map(({ kind, workflow, run, recent, since, usualMs }) => (
        <div className="need" key={workflow}>
          <span className="kind">
            <Mark state={kind === "slower" ? "slow" : "succeeded"} />{" "}
            {kind === "slower" ? "Slower than usual" : "Recovered"}
          </span>
          <div className="what">
            <Link to="/runs/$run" params={{ run: run?.id ?? "" }}>
              <b className="wrap">{workflow}</b> <span className="faint">{run && runFor(run)}</span>
            </Link>
            <p>
              {kind === "slower" && run !== null
                ? `Took ${durationText(lengthOf(run, now))}; nearly all runs end within ${durationText(usualMs ?? 0)}.`
                : "It failed before, and has succeeded."}
            </p>
          </div>
          <span className="hist">
            <RunBars runs={recent.toReversed()} now={now} />
          </span>
          <div className="since">
            <Moment at={since} />
          </div>
          <span />
        </div>
      ))}
    </div>
  </Section>
);
