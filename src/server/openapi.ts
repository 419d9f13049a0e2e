import type { TSchema } from "typebox";
import { type Contract, namesIn } from "../api/contract.ts";
import { PATH_PARAMS } from "../api/path-params.ts";
import { Failure } from "../api/schema.ts";
import { CONTRACTS } from "../api/contracts.ts";

/** The whole API as OpenAPI 3.1, made from the schemas that requests are checked with. */
export function openApiDocument(release: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [noun, contracts] of Object.entries(CONTRACTS))
    for (const [name, contract] of Object.entries(contracts as Readonly<Record<string, Contract>>))
      (paths[contract.path] ??= {})[contract.method] = operation(noun, name, contract);
  return {
    openapi: "3.1.0",
    info: { title: "Tutti", version: release, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: {
      schemas: { Failure },
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "tutti_session" },
        webhook: { type: "apiKey", in: "header", name: "webhook-signature" },
      },
    },
  };
}

function operation(noun: string, name: string, contract: Contract): object {
  const { path, summary, role, query, body, keyed, signed } = contract;
  return {
    operationId: `${noun}.${name}`,
    tags: [noun],
    summary,
    "x-tutti-role": role,
    security: role === "nobody" ? [] : [{ token: [] }, { session: [] }, ...(signed === true ? [{ webhook: [] }] : [])],
    parameters: [
      ...namesIn(path).map((each) => ({ name: each, in: "path", required: true, schema: PATH_PARAMS[each] })),
      ...queryParameters(query),
      ...(keyed === true
        ? [{ name: "Idempotency-Key", in: "header", required: false, schema: { type: "string", maxLength: 200 } }]
        : []),
    ],
    ...(body === undefined ? {} : { requestBody: { content: { "application/json": { schema: body } } } }),
    responses: {
      [String(contract.status ?? 200)]: success(contract),
      default: {
        description: "What went wrong",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
      },
    },
  };
}

function queryParameters(query: TSchema | undefined): object[] {
  const { properties = {}, required = [] } = (query ?? {}) as {
    properties?: Readonly<Record<string, { readonly type?: string }>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
    ...(schema.type === "array" ? { style: "form", explode: false } : {}),
  }));
}

function success({ response, media }: Contract): object {
  const type = media ?? "application/json";
  return response === null
    ? { description: "Done" }
    : { description: "What was asked for", content: { [type]: { schema: response } } };
}
