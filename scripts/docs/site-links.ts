import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** Links of a site that lead nowhere: to no file, or to no place in it. */
export function brokenLinks(folder: string): string[] {
  const pages = new Map(
    globSync("**/*.html", { cwd: folder }).map((file) => [file, readFileSync(join(folder, file), "utf8")] as const),
  );
  const anchors = new Map(
    [...pages].map(([file, html]) => [file, new Set(Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id]) => id!))]),
  );
  return [...pages].flatMap(([file, html]) =>
    Array.from(html.matchAll(/ (?:href|src)="([^"]+)"/g), ([, target]) => target!)
      .filter((target) => !/^(https?:|mailto:|data:)/.test(target))
      .filter((target) => !leads(folder, file, target, anchors))
      .map((target) => `${file} -> ${target}`),
  );
}

function leads(
  folder: string,
  file: string,
  target: string,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  const [path = "", anchor] = target.split("#");
  const wanted = path === "" ? file : normalize(join(dirname(file), decodeURIComponent(path)));
  if (!existsSync(join(folder, wanted))) return false;
  return anchor === undefined || anchor === "" || anchors.get(wanted)?.has(decodeURIComponent(anchor)) === true;
}
