const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LAST_64 = (1n << 64n) - 1n;

/** The trace that a run is: its own number, so that whoever knows the run knows its trace. 32 hexadecimal digits. */
export const traceIdOf = (runId: string): string =>
  Array.from(runId)
    .reduce((bits, char) => (bits << 5n) | BigInt(Math.max(0, ALPHABET.indexOf(char))), 0n)
    .toString(16)
    .padStart(32, "0")
    .slice(-32);

/** The span of a run as a whole, in one of its generations. 16 hexadecimal digits. */
export const runSpanId = (generation: number): string => hex((1n << 63n) | BigInt(generation));

/** The span of one execution of a task run: every side can tell it without asking another. */
export const taskSpanId = (taskRunId: number, claim: number): string =>
  hex(((BigInt(taskRunId) << 20n) | BigInt(claim & 0xfffff)) & (LAST_64 >> 1n));

/** As the header of W3C Trace Context says it, sampled. */
export const traceparentOf = (runId: string, taskRunId: number, claim: number): string =>
  `00-${traceIdOf(runId)}-${taskSpanId(taskRunId, claim)}-01`;

const hex = (bits: bigint): string => bits.toString(16).padStart(16, "0");
