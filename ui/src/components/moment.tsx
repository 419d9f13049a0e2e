import { clockText, exactText, hoverText, longText, momentText, secondsText } from "../words/time-text.ts";

const FORMS = { moment: momentText, clock: clockText, seconds: secondsText, exact: exactText, long: longText } as const;

interface MomentProps {
  readonly at: string | number;
  readonly as?: keyof typeof FORMS;
  /** The schedule's zone, told on hover. */
  readonly zone?: string | undefined;
}

/** An instant on the viewer's clock; on hover in the schedule's zone and in UTC. */
export function Moment({ at, as = "moment", zone }: MomentProps) {
  const instant = typeof at === "number" ? at : Date.parse(at);
  return (
    <time dateTime={new Date(instant).toISOString()} title={hoverText(instant, zone)}>
      {FORMS[as](instant)}
    </time>
  );
}
