import { expect, test } from "vitest";
import { alertMessage } from "./alert-message.ts";
import { sampleAlert } from "./alert-sample.test-data.ts";
import { plainText } from "./message.ts";
import { messageFor } from "./template.ts";

test("a failure says what failed, why, where, and what it wrote last", () => {
  expect(alertMessage(sampleAlert())).toEqual({
    title: "retail / load failed",
    level: "error",
    text: "SqlFailed: no such table <daily> & co [SQL_FAILED]",
    fields: { date: "2025-08-12", attempt: 3, run: "01jxyz" },
    lines: ["loading", "it broke"],
    url: "https://tutti.example.com/runs/01jxyz",
  });
});

test("a run's failure names its tasks, and what comes second-hand says so", () => {
  const failedTasks = [
    { task: "load", count: 1 },
    { task: "push", count: 500 },
  ];
  const undelivered = { to: "slack #data", error: { name: "HttpFailed", message: "410 Gone" } };
  const { text, fields } = alertMessage(sampleAlert({ task: null, failedTasks, undelivered }));
  expect(fields).toMatchObject({ failed: "load, push (500)" });
  expect(text).toBe(
    "SqlFailed: no such table <daily> & co [SQL_FAILED]\n\nThis was for slack #data, who could not be told: 410 Gone",
  );
});

test.each([
  [{ event: "succeeded", error: null, attempt: 1 }, "retail / load succeeded", "success"],
  [{ event: "retry" }, "retail / load failed and will be tried again", "warning"],
  [{ event: "late", task: null }, "retail is late", "warning"],
  [{ event: "failed", count: 500 }, "retail / load (500 task runs) failed", "error"],
  [
    { event: "problem", workflow: null, task: null, runId: null, date: null, attempt: null, url: null },
    "Tutti has a problem",
    "error",
  ],
] as const)("%j is told as: %s", (changes, title, level) => {
  expect(alertMessage(sampleAlert(changes))).toMatchObject({ title, level });
});

test("an error and a log that are too long are cut", () => {
  const message = alertMessage(
    sampleAlert({
      error: { name: "E", message: "x".repeat(100_000) },
      log: Array.from({ length: 100 }, (_, n) => `${n} ${"y".repeat(1000)}`),
    }),
  );
  expect(message.text?.length).toBe(1_500);
  expect(message.lines?.length).toBe(15);
  expect(message.lines?.at(-1)).toMatch(/^99 y{296}…$/);
});

test("a template says it in its own words, and keeps level and link unless it has its own", () => {
  const alert = sampleAlert();
  expect(messageFor(alert, ({ task }) => `Wake up: ${task}`)).toEqual({
    title: "Wake up: load",
    level: "error",
    url: "https://tutti.example.com/runs/01jxyz",
  });
  expect(messageFor(alert, () => ({ title: "mine", level: "info", url: "https://mine" }))).toEqual({
    title: "mine",
    level: "info",
    url: "https://mine",
  });
});

test("a message reads as plain text", () => {
  expect(plainText({ title: "T", text: "One.", fields: { a: 1, b: "x" }, lines: ["l1", "l2"], url: "https://u" })).toBe(
    "T\n\nOne.\n\na: 1\nb: x\n\nl1\nl2\n\nhttps://u",
  );
});
