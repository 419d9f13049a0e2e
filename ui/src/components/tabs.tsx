import type { ReactNode } from "react";

/** Sides of one thing; each has an address. The links are the caller's. */
export const Tabs = ({
  label,
  children,
  note,
}: {
  readonly label: string;
  readonly children: ReactNode;
  readonly note?: ReactNode;
}) => (
  <nav className="tabs" aria-label={label}>
    {children}
    {note !== undefined && <span className="r">{note}</span>}
  </nav>
);
