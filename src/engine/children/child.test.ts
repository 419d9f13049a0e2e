import { expect, test } from "vitest";
import type { FromChild, WatchdogAnswer } from "../../runtime/protocol.ts";
import { Child } from "./child.ts";
import { Hosted, run } from "./fixtures/hosted.ts";
import { hostSettings } from "./host-options.ts";
import { HostedTask } from "./hosted-task.ts";

/** A child without its host, and what it says: each in the order of its own way. */
function started() {
  const told: FromChild[] = [];
  const answers: WatchdogAnswer[] = [];
  let heard = (): void => {};
  const settings = hostSettings({ name: "w1", projectDir: process.cwd(), artifactsDir: "/nowhere", tasksPerChild: 1 });
  const child = new Child("shared", settings, {
    messages: (asker, batch) => {
      for (const message of batch)
        if (message.kind === "connections")
          asker.send({ kind: "connections", request: message.request, urls: {}, problems: {} });
      asker.flush();
      told.push(...batch);
      heard();
    },
    watchdog: (_, answer) => (answers.push(answer), heard()),
    ended: () => heard(),
    output: () => {},
  });
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (heard = resolve));
    }
  };
  const word = (kind: FromChild["kind"]) => until(() => told.splice(0).find((message) => message.kind === kind));
  return { child, word, answer: () => until(() => answers.shift()) };
}

test("a question about a task that has ended takes nothing back, neither it nor the next one in its slot", async () => {
  await using hosted = new Hosted({ children: 0 });
  const { child, word, answer } = started();
  const send = (id: number): HostedTask => {
    const task = new HostedTask(hosted.assignment(id, "process_id", {}, {}));
    child.take(task);
    child.flush();
    return task;
  };
  await word("ready");
  child.send({ kind: "run", run });
  const first = send(1);
  await word("finished");
  child.ask({ question: 1, tasks: [{ slot: first.slot, turn: first.turn }] });
  expect(await answer()).toMatchObject({ unstarted: [], started: [1] });
  child.give(first);
  send(2);
  expect(await word("finished")).toMatchObject({ taskRunId: 2 });
  child.kill();
});

test("a task that is taken back before it came does not start, and the one after it does", async () => {
  await using hosted = new Hosted({ children: 0 });
  const { child, word, answer } = started();
  await word("ready");
  child.send({ kind: "run", run });
  child.flush();
  const first = new HostedTask(hosted.assignment(1, "process_id", {}, {}));
  child.take(first);
  child.ask({ question: 1, tasks: [{ slot: first.slot, turn: first.turn }] });
  expect(await answer()).toMatchObject({ unstarted: [1], started: [] });
  child.flush();
  expect(await word("dropped")).toEqual({ kind: "dropped", slot: first.slot, turn: 1 });
  child.takeBack(first);
  child.freeSlot(first.slot);
  child.take(new HostedTask(hosted.assignment(2, "process_id", {}, {})));
  child.flush();
  expect(await word("finished")).toMatchObject({ taskRunId: 2 });
  child.kill();
});
