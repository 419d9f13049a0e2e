import { fetchPython, pythonPackages } from "./python.ts";
import { fetchRedis } from "./redis-server.ts";
import { fetchTemporal } from "./temporal-server.ts";

/** What can't be had is said, and the rest is fetched all the same. */
export function fetchAll(): number {
  const wanted: readonly (readonly [string, () => void])[] = [
    ["Redis", fetchRedis],
    ...pythonPackages().map((name) => [name, () => fetchPython(name)] as const),
    ["Temporal's server", fetchTemporal],
  ];
  let code = 0;
  for (const [name, fetch] of wanted) {
    try {
      fetch();
      process.stderr.write(`${name} is there\n`);
    } catch (error) {
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
      code = 1;
    }
  }
  return code;
}
