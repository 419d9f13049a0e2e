import { defineConfig } from "tutti";

// Embedded: DuckDB is source and warehouse. TUTTI_CONNECTION_ORDERS and TUTTI_CONNECTION_WAREHOUSE point the same pipeline elsewhere.
export default defineConfig({
  connections: {
    orders: "duckdb:./data/orders.duckdb",
    warehouse: "duckdb:./data/warehouse.duckdb",
  },
});
