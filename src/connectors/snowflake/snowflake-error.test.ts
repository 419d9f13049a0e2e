import { expect, test } from "vitest";
import { connectionFailed, isSignedOut, statementFailed } from "./snowflake-error.ts";

const answer = (code: string | number, message: string, sqlState?: string) =>
  Object.assign(new Error(message), { code, ...(sqlState === undefined ? {} : { sqlState }) });

test("what Snowflake refuses is SQL_FAILED, without the values that it quotes", () => {
  const error = statementFailed(
    "db",
    "select $1::number",
    ["hunter2"],
    answer("100038", "Numeric value 'hunter2' is not recognized", "22018"),
  );
  expect(error).toMatchObject({
    code: "SQL_FAILED",
    message: expect.stringContaining("Numeric value $1 is not recognized"),
  });
  expect(error.message).not.toContain("hunter2");
});

test.each([
  ["390112", "Your session has expired.", "CONNECTION_FAILED"],
  [401001, "connect ECONNREFUSED", "CONNECTION_FAILED"],
  ["000008", "Actual statement count 2", "SQL_SEVERAL_STATEMENTS"],
])("%s is told apart", (code, message, ours) => {
  expect(statementFailed("db", "select 1", [], answer(code, message))).toMatchObject({ code: ours });
});

test.each([
  ["a session that the server has forgotten", answer("390104", "User must login again"), true],
  ["a token that has expired", answer("390114", "Authentication token has expired."), true],
  ["an HTTP 401", Object.assign(answer(401004, "Invalid token"), { response: { status: 401 } }), true],
  // Nobody knows whether the statement began.
  ["an HTTP 503", Object.assign(answer(401004, "Service unavailable"), { response: { status: 503 } }), false],
  ["a server that is away", answer(401001, "connect ECONNREFUSED"), false],
  ["a wrong password", answer("390100", "Incorrect username or password was specified."), false],
  ["what the statement did", answer("100038", "not recognized", "22018"), false],
])("%s: whether the statement was refused before it began", (_, error, signedOut) => {
  expect([isSignedOut(error), isSignedOut(statementFailed("db", "select 1", [], error))]).toEqual([
    signedOut,
    signedOut,
  ]);
});

test("a sign-in that is refused says what to look at", () => {
  expect(connectionFailed("db", answer("390144", "JWT token is invalid.")).message).toBe(
    'Connection "db" can\'t be opened: JWT token is invalid.\nIs the public key of this private key the one that the user has? See ALTER USER … SET RSA_PUBLIC_KEY.',
  );
});
