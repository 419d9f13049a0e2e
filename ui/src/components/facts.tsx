import type { ReactNode } from "react";

/** Names and values, a hairline between. */
export const Facts = ({ children }: { readonly children: ReactNode }) => <dl className="kv">{children}</dl>;

export const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);
