/** What a form needs of JSON Schema; what it does not know, it leaves to JSON. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

export type FieldKind = "choice" | "choices" | "flag" | "number" | "text" | "date" | "json";

export interface FormField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly schema: Schema;
  readonly required: boolean;
  /** Of choices. */
  readonly options: readonly unknown[];
  /** `integer ≥ 1`, `one of`: under its name. */
  readonly rule: string;
}

const MOST_IN_SIGHT = 60;

/** The fields of an object's schema; `null`: it is no object, and only JSON will do. */
export function fieldsOf(schema: Schema): FormField[] | null {
  if (schema.properties === undefined) return null;
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties).map(([name, own]) => {
    const plain = withoutNull(own);
    const { kind, options } = kindOf(plain);
    const isRequired = required.has(name) && own.default === undefined;
    return {
      name,
      kind,
      schema: { ...plain, ...(own.default === undefined ? {} : { default: own.default }) },
      required: isRequired,
      options,
      rule: ruleOf(plain, kind, isRequired),
    };
  });
}

function withoutNull(schema: Schema): Schema {
  if (typeof schema.type === "object") {
    const types = schema.type.filter((type) => type !== "null");
    return types.length === 1 ? { ...schema, type: types[0]! } : schema;
  }
  const some = schema.anyOf ?? schema.oneOf;
  if (some === undefined) return schema;
  const rest = some.filter(({ type }) => type !== "null");
  return rest.length === 1
    ? { ...rest[0]!, ...(schema.description === undefined ? {} : { description: schema.description }) }
    : schema;
}

function kindOf(schema: Schema): { kind: FieldKind; options: readonly unknown[] } {
  const options = optionsOf(schema);
  if (options !== null) return { kind: "choice", options };
  if (schema.type === "array" && schema.items !== undefined) {
    const each = optionsOf(schema.items);
    if (each !== null && each.length <= MOST_IN_SIGHT) return { kind: "choices", options: each };
  }
  if (schema.type === "boolean") return { kind: "flag", options: [true, false] };
  if (schema.type === "number" || schema.type === "integer") return { kind: "number", options: [] };
  if (schema.type === "string") return { kind: schema.format === "date" ? "date" : "text", options: [] };
  return { kind: "json", options: [] };
}

function optionsOf({ enum: list, anyOf, oneOf }: Schema): readonly unknown[] | null {
  if (list !== undefined) return list;
  const some = anyOf ?? oneOf;
  if (some !== undefined && some.every((each) => each.const !== undefined)) return some.map((each) => each.const);
  return null;
}

function ruleOf(schema: Schema, kind: FieldKind, required: boolean): string {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, items } = schema;
  const words =
    kind === "choice"
      ? "one of"
      : kind === "choices"
        ? "some of"
        : kind === "flag"
          ? "true or false"
          : typeof type === "string"
            ? type === "array"
              ? `list of ${typeof items?.type === "string" ? items.type : "JSON"}`
              : type
            : "JSON";
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const bounds = [
    minimum !== undefined && (most === undefined ? ` ≥ ${minimum}` : ` from ${minimum} to ${most}`),
    exclusiveMinimum !== undefined && ` > ${exclusiveMinimum}`,
    minimum === undefined && most !== undefined && ` ≤ ${most}`,
    exclusiveMaximum !== undefined && ` < ${exclusiveMaximum}`,
    minLength !== undefined && minLength > 0 && `, ${minLength} characters or more`,
    maxLength !== undefined && `, at most ${maxLength} characters`,
  ].filter((each): each is string => each !== false);
  return [words, ...bounds].join("") + (required ? "" : ", optional");
}
