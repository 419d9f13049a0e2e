import { readdir, readFile } from "node:fs/promises";

/** Memory of a process and all that it has started, in MB: pages that several of them share count once. Only Linux tells. */
export async function residentMb(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const own = Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)![1]) / 1024;
  const children = await Promise.all((await childrenOf(pid)).map(residentMb));
  return children.reduce((sum, child) => sum + child, own);
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8")));
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}
