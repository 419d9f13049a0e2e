import { type VisitorObject, parseSync, Visitor } from "oxc-parser";

export interface SourceFile {
  readonly imports: readonly ImportArrow[];
  /** Reads of a clock, of randomness or of the process; timers; as they are written: `Date.now`, `new Date()`. */
  readonly impurities: readonly string[];
  /** The beginnings of texts that are SQL statements. */
  readonly sql: readonly string[];
}

export interface ImportArrow {
  readonly specifier: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
}

const IMPURE_OBJECTS = ["process", "performance", "crypto", "console", "globalThis"];
const IMPURE_MEMBERS = ["Date.now", "Math.random", "Temporal.Now"];
const IMPURE_CALLS = ["Date", "fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"];

// Lower case, as the style of this repository writes SQL, so that English sentences are left alone.
const SQL =
  /^\s*(with \w+ as|select [\s\S]+ from |insert (or \w+ )?into |update \w+ set |delete from |create (table|index|unique)|pragma )/;

/** What a TypeScript file imports, statically, dynamically and in types, and what else the architecture forbids somewhere. */
export function readSource(name: string, text: string): SourceFile {
  const imports: ImportArrow[] = [];
  const impurities: string[] = [];
  const sql: string[] = [];
  const arrow = (source: unknown, typeOnly: boolean) => {
    const specifier = textOf(source);
    if (specifier !== null) imports.push({ specifier, typeOnly });
  };
  const statement = (found: string) => {
    if (SQL.test(found)) sql.push(found.trim().slice(0, 30));
  };
  const visitor: VisitorObject = {
    ImportDeclaration: (node) => {
      const named = node.specifiers.length > 0;
      const types = named && node.specifiers.every((entry) => "importKind" in entry && entry.importKind === "type");
      arrow(node.source, node.importKind === "type" || types);
    },
    ExportNamedDeclaration: (node) => arrow(node.source, node.exportKind === "type"),
    ExportAllDeclaration: (node) => arrow(node.source, node.exportKind === "type"),
    ImportExpression: (node) => arrow(node.source, false),
    TSImportType: (node) => arrow(node.source, true),
    NewExpression: (node) => {
      if (nameOf(node.callee) === "Date" && node.arguments.length === 0) impurities.push("new Date()");
    },
    CallExpression: (node) => {
      const callee = nameOf(node.callee);
      if (callee !== null && IMPURE_CALLS.includes(callee)) impurities.push(`${callee}()`);
    },
    MemberExpression: (node) => {
      const object = nameOf(node.object);
      const member = `${object}.${nameOf(node.property) ?? "…"}`;
      if (object !== null && (IMPURE_OBJECTS.includes(object) || IMPURE_MEMBERS.includes(member)))
        impurities.push(member);
    },
    Literal: (node) => typeof node.value === "string" && statement(node.value),
    TemplateLiteral: (node) => statement(node.quasis.map((part) => part.value.cooked ?? "").join("x")),
  };
  const parsed = parseSync(name, text);
  if (parsed.errors[0] !== undefined) throw new Error(`"${name}" does not parse: ${parsed.errors[0].message}`);
  new Visitor(visitor).visit(parsed.program);
  return { imports, impurities, sql };
}

function nameOf(node: { readonly type: string }): string | null {
  return node.type === "Identifier" && "name" in node && typeof node.name === "string" ? node.name : null;
}

/** Of `import("./a.ts")` and the like; `null` where the specifier is computed. */
function textOf(node: unknown): string | null {
  const value = typeof node === "object" && node !== null && "value" in node ? node.value : null;
  return typeof value === "string" ? value : null;
}
