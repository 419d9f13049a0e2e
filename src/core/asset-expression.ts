/** Which assets must have been updated, as data. `all` and `any` have at least two parts. */
export type AssetExpression =
  | { readonly asset: string }
  | { readonly all: readonly AssetExpression[] }
  | { readonly any: readonly AssetExpression[] };

/** Whether it holds when these have been updated. */
export function isSatisfied(expression: AssetExpression, updated: ReadonlySet<string>): boolean {
  if ("asset" in expression) return updated.has(expression.asset);
  return "all" in expression
    ? expression.all.every((part) => isSatisfied(part, updated))
    : expression.any.some((part) => isSatisfied(part, updated));
}

/** Every asset in it, each once, in the order of their names. */
export const assetsOf = (expression: AssetExpression): string[] => [...new Set(namesIn(expression))].sort();

function namesIn(expression: AssetExpression): string[] {
  if ("asset" in expression) return [expression.asset];
  return ("all" in expression ? expression.all : expression.any).flatMap(namesIn);
}

/** `a and (b or c)`. */
export function expressionText(expression: AssetExpression): string {
  if ("asset" in expression) return expression.asset;
  const [parts, word] = "all" in expression ? [expression.all, " and "] : [expression.any, " or "];
  return parts.map((part) => ("asset" in part ? part.asset : `(${expressionText(part)})`)).join(word);
}
