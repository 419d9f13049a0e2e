/**
 * What stands between us and a command: a shell that leads the command's process group, waits for it, and gives its exit code back.
 *
 * The lifeline is its second child: it reads from descriptor 3, whose other end only our process holds. When that ends, however it was
 * killed, the read ends too, and the group gets the stop signal and, after the grace, SIGKILL. So no command outlives the task that ran it.
 * The command itself does not get the descriptor. The lifeline and the shell live through a stop signal to the group, which they share, and
 * what shells say about jobs that were killed ("Killed") stays out of the command's stderr.
 *
 * `$1`: seconds of grace. `$2`: the stop signal's name, without SIG. The rest is the command.
 */
const SCRIPT = `
trap : HUP INT TERM QUIT
(
  trap "" HUP INT TERM QUIT
  read -r __tutti_ <&3 && exit
  kill -s "$2" -- "-$$"
  (sleep "$1"; kill -s KILL -- "-$$") 3<&- &
) </dev/null >/dev/null 2>&1 &
__tutti_lifeline=$!
shift 2
exec 4>&2 2>/dev/null
(exec "$@" 2>&4 3<&- 4>&-)
__tutti_code=$?
kill -s KILL "$__tutti_lifeline"
wait "$__tutti_lifeline"
exit "$__tutti_code"
`.trim();

export const LIFELINE_FD = 3;

/** A command as it is really started. `stopSignal`: `"SIGTERM"`. */
export function withLifeline(
  command: { readonly file: string; readonly args: readonly string[] },
  stopSignal: NodeJS.Signals,
  graceMs: number,
): { readonly file: string; readonly args: readonly string[] } {
  const seconds = String(Math.max(1, Math.ceil(graceMs / 1000)));
  return {
    file: "/bin/sh",
    args: ["-c", SCRIPT, "tutti", seconds, stopSignal.slice("SIG".length), command.file, ...command.args],
  };
}
