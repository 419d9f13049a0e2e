import { useLiveState } from "../../api/live/feed.ts";
import { durationText } from "../../words/duration-text.ts";
import { useNow } from "../now.ts";

/** Broken for longer than this, and what is seen is called old. */
const STALE_MS = 4_000;

/** Whether what is seen is how things are. */
export function LiveMark() {
  const { connection, since } = useLiveState();
  const now = useNow(connection !== "live");
  const age = now - since;
  if (connection === "live") return <span className="live">live</span>;
  if (connection === "signed_out") return <span className="live off">signed out</span>;
  if (connection === "connecting" || age < STALE_MS)
    return (
      <span className="live again" role="status">
        {connection === "connecting" ? "connecting" : "reconnecting"}
      </span>
    );
  return (
    <span className="live off" role="status">
      stale {durationText(Math.floor(age / 1000) * 1000)}
    </span>
  );
}
