import { defineConfig } from "tutti";

// Every field has a default. Passwords belong in variables such as TUTTI_CONNECTION_ORDERS.
export default defineConfig({
  // connections: { orders: "duckdb:./orders.db" },
  // retention: { runs: "90d" },
});
