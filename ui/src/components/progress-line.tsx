import type { Progress } from "../api/progress.ts";
import { fullProgressText, shareOf } from "../words/progress-text.ts";

/** How far a task says that it is, and in its own words. */
export function ProgressLine({ progress }: { readonly progress: Progress }) {
  const share = shareOf(progress);
  return (
    <p className="progress">
      {share !== null && (
        <span
          className="prop"
          role="progressbar"
          aria-label="progress"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(share * 100)}
        >
          {share > 0 && <i className="running" style={{ flexGrow: share }} />}
          {share < 1 && <i className="waiting" style={{ flexGrow: 1 - share }} />}
        </span>
      )}{" "}
      <span className="wrap">{fullProgressText(progress)}</span>
    </p>
  );
}
