/**
 * How to reach a system that `npm run test:systems` started; null where it could not be had: `describe.skipIf(spark === null)`. With
 * `--require-all` nothing may be skipped, and a system that is not there is an error.
 */
export function started(name: string): Readonly<Record<string, string>> | null {
  const systems = JSON.parse(process.env["TUTTI_SYSTEMS"] ?? "{}") as Record<string, Record<string, string>>;
  const found = systems[name] ?? null;
  if (found === null && process.env["TUTTI_SYSTEMS_REQUIRED"] === "1")
    throw new Error(`The system "${name}" was not started, and skipping is forbidden.`);
  return found;
}
