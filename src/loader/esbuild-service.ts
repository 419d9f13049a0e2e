type Esbuild = typeof import("esbuild");

// Long enough for the next file of the same load, short enough that an idle scheduler does not keep 30 MB for it.
const IDLE_MS = 2000;

let inUse = 0;
let idle: NodeJS.Timeout | undefined;

/** Lends esbuild, whose own process is started by the first use and ended when nobody has used it for a while. */
export async function withEsbuild<T>(use: (esbuild: Esbuild) => Promise<T>): Promise<T> {
  clearTimeout(idle);
  inUse += 1;
  const esbuild = await import("esbuild");
  try {
    return await use(esbuild);
  } finally {
    inUse -= 1;
    if (inUse === 0) idle = setTimeout(() => void esbuild.stop(), IDLE_MS).unref();
  }
}
