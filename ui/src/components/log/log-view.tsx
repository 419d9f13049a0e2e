import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { LogFeed, PAGE } from "../../log/log-feed.ts";
import { isNarrowed, type LogFilter } from "../../log/log-line.ts";
import { count, figure } from "../../words/count-text.ts";
import { Button } from "../button.tsx";
import { useNarrow } from "../narrow.ts";
import { useShortcut } from "../shortcuts.ts";
import { GoTo } from "./go-to.tsx";
import { LogRow } from "./log-row.tsx";

interface LogViewProps {
  readonly run: string;
  readonly filter: LogFilter;
  /** The run goes on. */
  readonly live: boolean;
  /** The line that the address names; lines count from 1. */
  readonly line: number | undefined;
  readonly onLine: (line: number | undefined) => void;
  /** Where the first error is, as far as is known. */
  readonly onFirstError: (line: number | undefined) => void;
  /** Whole lines, one below the other. */
  readonly wrap: boolean;
}

/** What tasks wrote. Only the lines that are in sight are in the page, so a million of them scroll like ten. */
export function LogView({ run, filter, live, line, onLine, onFirstError, wrap }: LogViewProps) {
  const [begin, setBegin] = useState(() => pageOf(line));
  const feed = useLogFeed(run, filter, live, begin);
  const wanted = JSON.stringify([run, filter]);
  useEffect(() => setBegin(pageOf(line)), [wanted]);
  const { lines, following, hasMore, loading, error } = useSyncExternalStore(feed.subscribe, () => feed.state);
  const scroller = useRef<HTMLDivElement>(null);
  const [whole, setWhole] = useState<ReadonlySet<number>>(new Set());
  const narrow = useNarrow();
  const wrapped = wrap || narrow;
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 19,
    overscan: 20,
  });
  const tail = useFollowTail(scroller, lines.length, following && line === undefined);
  const place = line === undefined ? undefined : line - 1 - feed.first;
  const isThere = place !== undefined && place >= 0 && place < lines.length;
  useEffect(() => {
    if (isThere) rows.scrollToIndex(place, { align: "center" });
    else if (line !== undefined && !loading && (hasMore || line <= feed.first)) setBegin(pageOf(line));
    // Only when the address changes, or when the line has come.
  }, [line, isThere, loading]);
  useEffect(() => rows.measure(), [wrapped, rows]);
  const firstError = lines.findIndex(({ level }) => level === "error");
  const errorLine = firstError === -1 ? undefined : feed.first + firstError + 1;
  useShortcut("e", () => errorLine !== undefined && onLine(errorLine));
  useEffect(() => onFirstError(errorLine), [errorLine, onFirstError]);
  if (error !== null)
    return (
      <p className="err" role="alert">
        {error}
      </p>
    );
  if (lines.length === 0)
    return (
      <p className="none dim">
        {emptyText({ loading, following, beyond: feed.first > 0, narrowed: isNarrowed(filter) })}
        {feed.first > 0 && !loading && (
          <Button
            small
            onPress={() => {
              onLine(undefined);
              setBegin(0);
            }}
          >
            From its beginning
          </Button>
        )}
      </p>
    );
  return (
    <>
      <div
        ref={scroller}
        className={wrapped ? "log wrap" : "log"}
        role="log"
        aria-label={`Log, ${count(lines.length, "line")}`}
        aria-live="off"
        tabIndex={0}
        onScroll={tail.onScroll}
        style={{ height: Math.min(rows.getTotalSize() + 14, narrow ? 360 : 480) }}
      >
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map(({ index, start, key }) => (
            <LogRow
              key={key}
              number={feed.first + index + 1}
              index={index}
              line={lines[index]!}
              top={start}
              measure={rows.measureElement}
              selected={line === feed.first + index + 1}
              whole={whole.has(index)}
              onWhole={() => setWhole(new Set([...whole, index]))}
              onSelect={onLine}
            />
          ))}
        </div>
      </div>
      <p className="logfoot cap">
        {feed.first > 0 && (
          <Button
            small
            onPress={() => {
              onLine(undefined);
              setBegin(Math.max(0, feed.first - PAGE));
            }}
          >
            The 1,000 before
          </Button>
        )}
        {feed.first > 0
          ? `lines ${figure(feed.first + 1)} to ${figure(feed.first + lines.length)}`
          : count(lines.length, "line")}
        {(hasMore || feed.first > 0) && <GoTo onLine={onLine} />}
        {following && <span className="live">as they are written</span>}
        {hasMore && (
          <Button small busy={loading} onPress={() => void feed.more()}>
            The next 1,000
          </Button>
        )}
      </p>
    </>
  );
}

interface Emptiness {
  readonly loading: boolean;
  readonly following: boolean;
  /** It was asked from a line on that it does not have. */
  readonly beyond: boolean;
  /** Only some lines are wanted. */
  readonly narrowed: boolean;
}

function emptyText({ loading, following, beyond, narrowed }: Emptiness): string {
  if (loading) return narrowed ? "Looking through the log …" : "…";
  if (beyond) return "The log has fewer lines than that. ";
  if (narrowed) return following ? "No line is like that so far." : "No line is like that.";
  return following ? "Nothing yet. Lines come as they are written." : "Nothing was written.";
}

/** Where the thousand begins that a line is in. */
const pageOf = (line: number | undefined): number => (line === undefined ? 0 : Math.floor((line - 1) / PAGE) * PAGE);

function useLogFeed(run: string, filter: LogFilter, live: boolean, first: number): LogFeed {
  const key = JSON.stringify([run, filter, live, first]);
  // A filter is a new object each time; what it says is the key.
  const feed = useMemo(() => new LogFeed(run, filter, live, first), [key]);
  useEffect(() => () => feed.close(), [feed]);
  return feed;
}

/** Stays at the end while lines come in, until whoever reads scrolls up. */
function useFollowTail(scroller: React.RefObject<HTMLDivElement | null>, lines: number, following: boolean) {
  const atEnd = useRef(true);
  useEffect(() => {
    const { current } = scroller;
    if (current !== null && following && atEnd.current) current.scrollTop = current.scrollHeight;
  }, [scroller, lines, following]);
  return {
    onScroll: (): void => {
      const { current } = scroller;
      if (current !== null) atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < 30;
    },
  };
}
