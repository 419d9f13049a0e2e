import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { sampleAlert } from "../notify/alert-sample.test-data.ts";
import { notifyCommand } from "./index.ts";

function program(script: string) {
  const project = tempProject({ "tell.sh": `#!/bin/sh\n${script}` });
  chmodSync(project.path("tell.sh"), 0o755);
  return { project, tell: project.path("tell.sh") };
}

test("a program is told of an alert, as JSON and in variables", async () => {
  const { project, tell } = program(
    'cat > alert.json; printf "%s" "$TUTTI_ALERT_EVENT|$TUTTI_ALERT_TITLE|$TUTTI_ALERT_KEY|$1|$MINE" > said',
  );
  const notifier = notifyCommand(["sh", "-c", `cd ${project.dir} && ${tell} "$0"`, "arg"], { env: { MINE: "m" } });
  await notifier.notify(sampleAlert({ error: { name: "E", message: "a\0b" } }));
  expect(JSON.parse(project.read("alert.json"))).toMatchObject({
    event: "failed",
    message: { title: "retail / load failed" },
  });
  expect(project.read("said")).toBe("failed|retail / load failed|retail/load/2025-08-12|arg|m");
  expect(notifier.name).toBe("command sh");
});

test("a program that fails, hangs or is not there is an error", async () => {
  const failing = notifyCommand([program("echo no pager >&2; exit 3").tell]);
  await expect(failing.notify(sampleAlert())).rejects.toMatchObject({
    code: "COMMAND_FAILED",
    lastLines: ["no pager"],
  });
  await expect(notifyCommand(["sleep", "60"], { timeout: 50 }).notify(sampleAlert())).rejects.toMatchObject({
    name: "TimeoutError",
  });
  await expect(notifyCommand(["./nope"]).notify(sampleAlert())).rejects.toMatchObject({ code: "COMMAND_NOT_FOUND" });
  expect(() => notifyCommand([""])).toThrow(/needs its program/);
});
