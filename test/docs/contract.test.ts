import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { codeBlocks, readPage, ROOT } from "./page.ts";

const PAGE = "docs/reference/authoring.md";
const DIST = join(ROOT, "dist");
const DOORS = ["index.d.ts", "testing/index.d.ts"];

interface Declaration {
  readonly name: string;
  /** Without comments, `export` and `declare`, on one line. Overloads follow each other. */
  readonly text: string;
  /** Of a class: its members. */
  readonly members: readonly string[] | null;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the syntax tree is walked by its `type` fields
type SyntaxNode = any;

function declarationsIn(file: string, source: string): Declaration[] {
  const { program, comments } = parseSync(file, source, { sourceType: "module", lang: "dts" });
  // Blanked out, so that places stay.
  const bare = comments.reduce(
    (text, { start, end }) => text.slice(0, start) + " ".repeat(end - start) + text.slice(end),
    source,
  );
  const written = ({ start, end }: SyntaxNode): string => oneLine(bare.slice(start, end));
  return (program.body as SyntaxNode[]).flatMap((statement) => {
    const node: SyntaxNode = statement.declaration ?? statement;
    const name: string | undefined = node.id?.name ?? node.declarations?.[0]?.id.name;
    if (name === undefined) return [];
    const members = node.type === "ClassDeclaration" ? (node.body.body as SyntaxNode[]).map(written) : null;
    return [{ name, text: written(node), members }];
  });
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/\b(export|declare) /g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/([=:(]) \| /g, "$1 ")
    .replaceAll(/([([]) | ([)\]])|,(?= ?[)\]}])/g, "$1$2")
    .replaceAll(/;(?= ?}|$)/g, "")
    .trim();

function byName(found: readonly Declaration[]): Map<string, Declaration> {
  const all = new Map<string, Declaration>();
  for (const one of found) {
    const before = all.get(one.name);
    all.set(one.name, before === undefined ? one : { ...one, text: `${before.text} ${one.text}` });
  }
  return all;
}

const contract = byName(
  codeBlocks(readPage(PAGE))
    .filter(({ language }) => language === "ts")
    .flatMap(({ text }) => declarationsIn("contract.d.ts", text)),
);

const built = Map.groupBy(
  globSync("**/*.d.ts", { cwd: DIST }).flatMap((file) => [
    ...byName(declarationsIn(file, readFileSync(join(DIST, file), "utf8"))).values(),
  ]),
  ({ name }) => name,
);

function exportsOf(door: string): string[] {
  const { program } = parseSync(door, readFileSync(join(DIST, door), "utf8"), { sourceType: "module", lang: "dts" });
  return (program.body as SyntaxNode[]).flatMap(
    (statement) => statement.specifiers?.map((one: SyntaxNode) => one.exported.name as string) ?? [],
  );
}

test("everything that the package exports is in the contract", () => {
  const missing = DOORS.flatMap(exportsOf).filter((name) => !contract.has(name));
  expect(missing).toEqual([]);
});

test.each([...contract.values()].map((one) => [one.name, one] as const))(
  "%s is declared as the contract says",
  (name, one) => {
    const candidates = built.get(name) ?? [];
    if (candidates.some(({ text }) => text === one.text)) return;
    // Of a class the contract holds what users call; the rest is not promised.
    const members = candidates.flatMap((candidate) => candidate.members ?? []);
    if (one.members !== null && one.members.every((member) => members.includes(member))) return;
    expect(one.members ?? one.text).toEqual(one.members === null ? candidates.at(-1)?.text : members);
  },
);
