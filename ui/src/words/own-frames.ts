/** Where Tutti itself called the code that failed, or was called by it. */
const INSIDE = /[\\/]tutti[\\/]dist[\\/]|[\\/]dist[\\/]chunk-[A-Z0-9]{8}\.js|\(node:|at node:/;
const SHOWN = 6;

/** The lines of a stack that are of somebody's own code, from the innermost on. */
export const ownFrames = (stack: string | undefined): readonly string[] =>
  (stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !INSIDE.test(line))
    .slice(0, SHOWN);
