import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import type { Approval, ApprovalOptions } from "../authoring/approval.ts";
import { dag } from "../authoring/dag.ts";
import { task } from "../authoring/task.ts";
import type { Engine } from "../engine/engine.ts";
import { answerApproval, type ApprovalReply } from "../owner/answer-approval.ts";
import type { RunSession } from "../owner/run-session.ts";
import { closeStages, stage, turn } from "./restart-stage.test-data.ts";

afterEach(closeStages);

const form = z.object({ account: z.string(), amount: z.number().max(100).default(7) });
const asks = (options: Partial<ApprovalOptions<typeof form>> = {}) => {
  const heard: Approval<unknown>[] = [];
  const pay = task("pay", async (_: void, ctx) => {
    const answer = await ctx.approval({ title: "Pay?", form, ...options });
    heard.push(answer);
    return answer.approved;
  });
  return { heard, workflow: dag("payments", {}, () => void pay()) };
};

async function ask(options: Partial<ApprovalOptions<typeof form>> = {}) {
  const { heard, workflow } = asks(options);
  const { clock, store, start, version, window } = await stage(workflow);
  const reader = store.reader();
  let engine: Engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  const session: Pick<RunSession, "emit"> = {
    async emit({ uid, event }) {
      await store.events.record({ events: [{ ...event, uid, runId: null, at: clock.now() }], starts: [] });
      engine.emitted();
      return [];
    },
  };
  const open = async () => {
    for (;;) {
      const [found] = await reader.listApprovals({ limit: 10 });
      if (found) return found;
      await turn();
    }
  };
  const reply = (said: Partial<ApprovalReply> & { readonly id: string }) =>
    answerApproval(reader, session, { approved: true, actor: "user:ada", user: "ada", role: "operator", ...said });
  const restart = async () => {
    await engine.close(0);
    engine = start();
    await engine.resume(id);
  };
  const ended = async () => {
    for (;;) {
      const detail = await reader.runDetail(id);
      if (detail && ["succeeded", "failed", "cancelled"].includes(detail.run.state)) return detail;
      await clock.advance(1);
    }
  };
  return { clock, heard, open, reply, restart, ended, reader, engine: () => engine, runId: id };
}

test("what a task asks is listed, answered by a person, and heard with the form as the schema gives it", async () => {
  const { heard, open, reply, ended } = await ask({ description: "for the lamp" });
  const asked = await open();
  expect(asked).toMatchObject({
    title: "Pay?",
    description: "for the lamp",
    state: "open",
    workflow: "payments",
    task: "pay",
    by: null,
    dueAt: null,
    answer: null,
    form: { type: "object", required: ["account"] },
  });
  const answered = await reply({ id: asked.id, form: { account: "DE12" }, comment: "fine" });
  expect(answered).toMatchObject({ state: "approved", answer: { by: "user:ada", comment: "fine" } });
  expect((await ended()).run.state).toBe("succeeded");
  expect(heard).toMatchObject([
    { approved: true, by: "user:ada", comment: "fine", form: { account: "DE12", amount: 7 }, timedOut: false },
  ]);
});

test("an answer that comes while nothing runs is heard after the restart", async () => {
  const { heard, open, reply, restart, ended, engine } = await ask();
  const { id } = await open();
  await engine().close(0);
  await reply({ id, approved: false });
  await restart();
  await ended();
  expect(heard).toMatchObject([{ approved: false, form: undefined }]);
});

test.each([
  [undefined, { approved: false, timedOut: true, by: null }],
  ["approve", { approved: true, timedOut: true, by: null }],
] as const)("without an answer in time it goes on as %s says", async (onTimeout, outcome) => {
  const { clock, heard, open, reply, ended } = await ask({ timeout: "1h", ...(onTimeout && { onTimeout }) });
  const { id } = await open();
  await clock.advance("1h");
  await expect(reply({ id, form: { account: "x" } })).rejects.toMatchObject({ code: "APPROVAL_OVER" });
  await clock.advance("1m");
  await ended();
  expect(heard).toMatchObject([outcome]);
});

test("a timeout may be an error", async () => {
  const { clock, open, ended } = await ask({ timeout: "1h", onTimeout: "fail" });
  await open();
  await clock.advance("2h");
  expect((await ended()).taskRuns[0]?.error).toMatchObject({ code: "APPROVAL_TIMED_OUT" });
});

test("the second answer, and one to what is over or was never asked, is refused", async () => {
  const { open, reply, ended } = await ask();
  const { id } = await open();
  const both = await Promise.allSettled([reply({ id, approved: false }), reply({ id, form: { account: "x" } })]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  await expect(reply({ id, approved: false })).rejects.toMatchObject({ code: "APPROVAL_ANSWERED" });
  await ended();
  await expect(reply({ id })).rejects.toMatchObject({ code: "APPROVAL_OVER" });
  await expect(reply({ id: "999-abcdef" })).rejects.toMatchObject({ code: "APPROVAL_NOT_FOUND" });
  await expect(reply({ id: "x" })).rejects.toMatchObject({ code: "APPROVAL_NOT_FOUND" });
});

test("only those may answer who are named, by name or by role", async () => {
  const { open, reply } = await ask({ by: ["grace", "editor"] });
  const { id } = await open();
  const account = { account: "x" };
  await expect(reply({ id, form: account })).rejects.toMatchObject({ code: "APPROVAL_NOT_ALLOWED" });
  await expect(reply({ id, form: account, user: "eve", role: "viewer" })).rejects.toMatchObject({
    code: "APPROVAL_NOT_ALLOWED",
  });
  expect(await reply({ id, form: account, user: "grace", role: "viewer" })).toMatchObject({ state: "approved" });
});

test("without names it needs an operator", async () => {
  const { open, reply } = await ask();
  const { id } = await open();
  await expect(reply({ id, role: "viewer" })).rejects.toMatchObject({ code: "APPROVAL_NOT_ALLOWED" });
});

test.each([[undefined], [{}], [{ account: 7 }], [{ account: "x", amount: 101 }], ["text"]])(
  "a form that its schema refuses is refused: %j",
  async (filled) => {
    const { open, reply } = await ask();
    const { id } = await open();
    await expect(reply({ id, form: filled })).rejects.toMatchObject({ code: "APPROVAL_FORM_INVALID" });
    expect((await open()).state).toBe("open");
  },
);

test("a cancelled run takes what it asks with it", async () => {
  const { open, reply, engine, reader, runId } = await ask();
  const { id } = await open();
  await engine().cancel(runId);
  expect(await reader.listApprovals({ limit: 10 })).toEqual([]);
  await expect(reply({ id, form: { account: "x" } })).rejects.toMatchObject({ code: "APPROVAL_OVER" });
});

test("an answer that is given again because nobody heard that it was recorded is its own, and no other's", async () => {
  const { open, reply, ended, engine } = await ask();
  const { id } = await open();
  const mine = { id, form: { account: "a" }, token: "mine" };
  expect(await reply(mine)).toMatchObject({ state: "approved" });
  expect(await reply(mine)).toMatchObject({ state: "approved", answer: { token: "mine" } });
  await expect(reply({ ...mine, token: "other" })).rejects.toMatchObject({ code: "APPROVAL_ANSWERED" });
  await ended();
  await engine().close(0);
});
