import { afterEach, expect, test } from "vitest";
import { connection, declaredConnections, setConnectionResolver, startDeclarations } from "./connection.ts";

afterEach(() => {
  setConnectionResolver(null);
  startDeclarations();
});

test("a connection is declared by making it, once", () => {
  connection("warehouse");
  connection("orders");
  connection("orders");
  expect(declaredConnections()).toEqual(["orders", "warehouse"]);
});

test("a connection asks the resolver that is there when it is used", () => {
  const orders = connection("orders");
  expect(() => orders.resolve()).toThrow(
    expect.objectContaining({ code: "CONNECTION_UNAVAILABLE", message: expect.stringContaining('"orders"') }),
  );
  expect(setConnectionResolver((name) => `duckdb:./${name}.db`)).toBeNull();
  expect(orders.resolve()).toBe("duckdb:./orders.db");
});

test("a connection without a name is refused", () => {
  expect(() => connection("")).toThrow(expect.objectContaining({ code: "BAD_NAME" }));
});
