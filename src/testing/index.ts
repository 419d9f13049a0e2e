/** What a test of pipelines needs: `runTask` for one task, `runWorkflow` for the real engine in memory, `simulate` for the rules alone. */
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { type FakeContext, fakeContext, type FakeContextOverrides } from "./fake-context.ts";
export { nextRun, type NextRunFacts } from "./next-run.ts";
export { runTask, type RunTaskOptions, type TaskResult } from "./run-task.ts";
export { runWorkflow, type RunWorkflowOptions, type TaskRunResult, type WorkflowResult } from "./run-workflow.ts";
export { type Simulated, type SimulatedOutcome, simulate, type SimulateOptions } from "./simulate.ts";
