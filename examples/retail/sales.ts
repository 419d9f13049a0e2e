/** One line of an order, as the source has it. */
export interface OrderLine {
  readonly order_id: string;
  readonly region: string;
  readonly category: string;
  readonly sub_category: string;
  readonly product: string;
  readonly sales: number;
  readonly quantity: number;
  readonly profit: number;
}

export interface Amounts {
  readonly lines: number;
  readonly sales: number;
  readonly quantity: number;
  readonly profit: number;
}

const SCALE = 10_000;

/** Sums without the error of floating point: amounts have four decimals, so they are added as whole ten-thousandths. */
export function total(
  lines: Iterable<Pick<OrderLine, "sales" | "quantity" | "profit"> & { readonly lines?: number }>,
): Amounts {
  let [count, sales, quantity, profit] = [0, 0, 0, 0];
  for (const line of lines) {
    count += line.lines ?? 1;
    sales += Math.round(line.sales * SCALE);
    quantity += line.quantity;
    profit += Math.round(line.profit * SCALE);
  }
  return { lines: count, sales: sales / SCALE, quantity, profit: profit / SCALE };
}

/** Amounts for each combination of the given columns, in the order of their first line. */
export function totalBy<K extends keyof OrderLine>(
  lines: readonly OrderLine[],
  ...keys: K[]
): (Pick<OrderLine, K> & Amounts)[] {
  const groups = Map.groupBy(lines, (line) => JSON.stringify(keys.map((key) => line[key])));
  return [...groups.values()].map((group) => ({
    ...(Object.fromEntries(keys.map((key) => [key, group[0]![key]])) as Pick<OrderLine, K>),
    ...total(group),
  }));
}
