import { turnTheme } from "../../theme.ts";
import { secondsText, viewerZone } from "../../words/time-text.ts";
import { useNow } from "../now.ts";
import { Crumbs } from "./crumbs.tsx";
import { LiveMark } from "./live-mark.tsx";

/** Where one is; the way to anywhere; whether what is seen is now. */
export const Bar = ({ onJump }: { readonly onJump: () => void }) => (
  <header className="bar">
    <Crumbs />
    <div className="right">
      <button type="button" className="jump" onClick={onJump}>
        Jump to… <kbd aria-hidden="true">⌘K</kbd>
      </button>
      <LiveMark />
      <Clock />
      <button type="button" className="theme" onClick={turnTheme}>
        Theme
      </button>
    </div>
  </header>
);

function Clock() {
  const now = useNow();
  return (
    <span className="hide">
      <time>{secondsText(now)}</time> {viewerZone()}
    </span>
  );
}
