import { dag, settled, type Settled, task, zip } from "tutti";

const stores = ["berlin", "lyon", "porto"];

export const listStores = task("list_stores", () => stores);

/** One task run for each store; each is retried alone. */
export const countSales = task(
  "count_sales",
  { retries: { limit: 2, delay: "100ms" } },
  async ({ store, factor }: { store: string; factor: number }, ctx) => {
    if (store === "lyon" && ctx.attempt === 1) throw new Error("the till did not answer");
    return store.length * factor;
  },
);

export const label = task("label", async ({ count }: { count: number }) => `${count} sales`);
export const join = task(
  "join",
  async ({ labels, counts }: { labels: readonly string[]; counts: readonly number[] }) => ({
    labels,
    total: counts.reduce((a, b) => a + b, 0),
  }),
);

/** An audit that may fail for one store without failing the run. */
export const audit = task("audit", { allowFailure: true }, async ({ store }: { store: string }) => {
  if (store === "porto") throw new Error("no receipts");
  return store;
});
export const triage = task("triage", async ({ audits }: { audits: readonly Settled<string>[] }) =>
  audits.map((audit) => audit.state),
);

export const forecast = task(
  "forecast",
  async ({ store, year }: { store: string; year: number }) => `${store} ${year}`,
);

export default dag(
  "fan_out",
  { description: "map, product and pairs, element by element, a join, and every element with its state." },
  () => {
    const all = listStores();
    const counts = countSales.map({ store: all }, { factor: 2 }); // `factor` is the same for all
    const labels = label.map({ count: counts }); // label[i] starts when count_sales[i] has ended, not when all have
    join({ labels, counts });

    triage({ audits: settled(audit.map({ store: all })) }).when("all_done");

    forecast.map({ store: all, year: [2024, 2025] }); // the product: six
    forecast.as("forecast_pairs").map(zip({ store: all, year: [2023, 2024, 2025] })); // pairs: three
  },
);
