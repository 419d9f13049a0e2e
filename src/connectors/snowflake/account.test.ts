import { resolve } from "node:path";
import { expect, test } from "vitest";
import { snowflakeAccount } from "./account.ts";

test("a URL says the account, where in it, who signs in and with what", () => {
  const { options, pool, session } = snowflakeAccount(
    "warehouse",
    "snowflake://etl:p%40ss@myorg-account/shop/public?warehouse=load_wh&role=loader&pool=4",
  );
  expect(options).toMatchObject({
    account: "myorg-account",
    username: "etl",
    password: "p@ss",
    database: "shop",
    schema: "public",
    warehouse: "load_wh",
    role: "loader",
  });
  expect(pool).toBe(4);
  expect(session).toEqual({ TIMEZONE: "'UTC'", QUOTED_IDENTIFIERS_IGNORE_CASE: "true" });
});

test("a private key takes the place of a password", () => {
  const { options, privateKeyFile } = snowflakeAccount(
    "warehouse",
    "snowflake://etl@account?private_key_file=keys/etl.p8&private_key_passphrase=hunter2",
  );
  expect(privateKeyFile).toBe(resolve("keys/etl.p8"));
  expect(options).toMatchObject({
    authenticator: "SNOWFLAKE_JWT",
    privateKeyPath: privateKeyFile,
    privateKeyPass: "hunter2",
  });
  expect(options).not.toHaveProperty("password");
});

test("a host of one's own takes the place of the account's", () => {
  const { options } = snowflakeAccount("warehouse", "snowflake://u:p@a?host=127.0.0.1&port=8085&protocol=http");
  expect(options).toMatchObject({ accessUrl: "http://127.0.0.1:8085", host: "127.0.0.1", port: 8085 });
});

test.each([
  ["snowflake://account/db", "its URL is not one of a Snowflake account"],
  ["snowflake:", "its URL is not one of a Snowflake account"],
  ["snowflake://u:hunter2@a/b/c/d", "its URL is not one of a Snowflake account"],
  ["snowflake://u@a", "says nothing to sign in with"],
  ["snowflake://u:hunter2@a?rolle=x", '"rolle" is no option of a Snowflake URL. Known: warehouse, role, '],
  ["snowflake://u:hunter2@a?pool=0", '"pool" must be a whole number'],
])("%j is refused: %s", (url, why) => {
  expect(() => snowflakeAccount("warehouse", url)).toThrow(
    expect.objectContaining({ code: "CONNECTION_URL_REFUSED", message: expect.stringContaining(why) }),
  );
  expect(() => snowflakeAccount("warehouse", url)).not.toThrow("hunter2");
});
