import { expect, test } from "vitest";
import { compileGraph } from "../../src/core/graph.ts";
import { sampleVersion } from "../../src/testing/store-samples.ts";
import { outcomeOf, signatures } from "./outcomes.ts";

test("a value that was made in a world says which claim made it", () => {
  const graph = compileGraph(sampleVersion("any", ["a"]).manifest);
  const by = { task: 0, mapIndex: null, attempt: 1, taskRunId: 17, claim: 3 };
  const made = outcomeOf(graph, () => "succeeded", by, 1);

  const text = made.state === "succeeded" && made.output?.kind === "inline" ? made.output.text : "";
  expect(signatures(text)).toContainEqual({ taskRunId: 17, claim: 3 });
});
