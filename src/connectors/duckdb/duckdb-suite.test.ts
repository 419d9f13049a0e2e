import { driverSuite } from "../sql/driver-suite.test-data.ts";

driverSuite("DuckDB", {
  url: () => "duckdb::memory:suite",
  endless: "select count(*) as n from range(100000000) a, range(100000000) b",
  // It runs in this process, whose next statement would wait for it.
  ended: async () => {},
});
