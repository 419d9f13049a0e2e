import type { ReactNode } from "react";

/** An empty place teaches the next step. */
export const Empty = ({ children }: { readonly children: ReactNode }) => <p className="none dim">{children}</p>;
