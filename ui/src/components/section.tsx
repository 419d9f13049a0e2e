import type { ReactNode } from "react";

interface SectionProps {
  readonly name: string;
  readonly note?: ReactNode;
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** An ink rule, a name that hangs in the margin, and its matter to the right. */
export const Section = ({ name, note, flush = false, children }: SectionProps) => (
  <section className={flush ? "sec flush" : "sec"} aria-label={name}>
    <h2>
      {name}
      {note !== undefined && <small>{note}</small>}
    </h2>
    <div>{children}</div>
  </section>
);
