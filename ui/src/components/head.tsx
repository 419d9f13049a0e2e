import type { ReactNode } from "react";

interface HeadProps {
  readonly title: ReactNode;
  /** The title is the answer to the page's question. */
  readonly answer?: boolean;
  readonly facts?: ReactNode;
  readonly acts?: ReactNode;
}

/** What a page is about, what there is to know at once, and what can be done. */
export const Head = ({ title, answer = false, facts, acts }: HeadProps) => (
  <header className="head">
    <div className="say">
      <h1 className={answer ? "answer" : undefined}>{title}</h1>
      {facts !== undefined && <div className="facts">{facts}</div>}
    </div>
    {acts !== undefined && <div className="acts">{acts}</div>}
  </header>
);
