import { defineConfig } from "tutti";

// Embedded: DuckDB is source and warehouse, this process does the sums, and a file tells the news. TUTTI_CONNECTION_ORDERS, …_WAREHOUSE, …_SPARK, …_SLACK,
// …_SMTP and TUTTI_ARTIFACTS point the same pipeline to systems of your own: docs/learn/the-retail-example.md
export default defineConfig({
  connections: {
    orders: "duckdb:./data/orders.duckdb",
    warehouse: "duckdb:./data/warehouse.duckdb",
    files: "duckdb::memory:",
  },
});
