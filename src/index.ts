export type { Alert, AlertContext, Alerted, AlertFunction, Notifier } from "./authoring/alert.ts";
export { deadline, type Deadline, type DeadlineOptions } from "./authoring/alert-deadline.ts";
export type { AlertOptions } from "./authoring/alert-options.ts";
export type { Approval, ApprovalOptions } from "./authoring/approval.ts";
export { asset, type Asset } from "./authoring/asset.ts";
export type { AssetOptions, Freshness } from "./authoring/asset-options.ts";
export type { ArtifactDraft, ArtifactRef } from "./authoring/artifact.ts";
export { firstOf, maybe, settled, type Settled } from "./authoring/absent.ts";
export { branch, type BranchNode } from "./authoring/branch.ts";
export { chain } from "./authoring/chain.ts";
export {
  type AssetUpdate,
  check,
  type Check,
  type CheckFunction,
  type CheckOptions,
  type CheckResult,
} from "./authoring/check.ts";
export type {
  Context,
  Drawer,
  EmitOptions,
  MaterializedOptions,
  StepOptions,
  WaitForEventOptions,
} from "./authoring/context.ts";
export type { EventInfo } from "./authoring/event-info.ts";
export type { EventTrigger, TriggerOptions } from "./authoring/event-trigger.ts";
export { FailWithoutRetry, RetryAfter } from "./authoring/control.ts";
export { dag } from "./authoring/dag.ts";
export { flow } from "./authoring/flow.ts";
export type { FlowOptions } from "./authoring/flow-options.ts";
export { group, type Group } from "./authoring/group.ts";
export type { GroupOptions } from "./authoring/group-options.ts";
export type { Concurrency, LimitOptions, RateLimit } from "./authoring/limit-options.ts";
export { zip, type Zipped } from "./authoring/map.ts";
export type { MappedNode, Node } from "./authoring/node.ts";
export { onAsset, type OnAssetOptions } from "./authoring/on-asset.ts";
export { onEvent, type OnEventOptions } from "./authoring/on-event.ts";
export { type FoundFile, onFile, type OnFileOptions } from "./authoring/on-file.ts";
export { type Look, type LookCall, onPoll, type OnPollOptions, type Polled } from "./authoring/on-poll.ts";
export { onRun, type OnRunOptions } from "./authoring/on-run.ts";
export {
  type DailyPartitionsOptions,
  type HourlyPartitionsOptions,
  type MappingOptions,
  type MonthlyPartitionsOptions,
  type Partitions,
  partitions,
  type PartitionsInTime,
  type TimePartitionsOptions,
  type WeeklyPartitionsOptions,
} from "./authoring/partition.ts";
export { pick } from "./authoring/pick.ts";
export type { Placed } from "./authoring/placed.ts";
export type { Arg, Args, MappedRef, Ref } from "./authoring/ref.ts";
export { resource, type Resource, type ResourceOptions, type ResourceTaskOptions } from "./authoring/resource.ts";
export type { Retries, RetryOn } from "./authoring/retries.ts";
export type { Preset, Schedule } from "./authoring/schedule.ts";
export { daily, hourly, monthly, quarterly, weekly, yearly } from "./authoring/schedule-calendar.ts";
export { type PreviewOptions, previewSchedule, type ScheduledRun } from "./authoring/schedule-preview.ts";
export { cron, dates, every, rrule } from "./authoring/schedule-ticks.ts";
export { sensor, type Sensor, type SensorContext, type SensorOptions } from "./authoring/sensor.ts";
export { task, type Task } from "./authoring/task.ts";
export { TaskFailed, TaskSkipped } from "./authoring/task-ended.ts";
export type { TaskOptions } from "./authoring/task-options.ts";
export type { Workflow } from "./authoring/workflow.ts";
export { RunFailed, type WaitForWindowOptions, type WindowRun, type WorkflowRun } from "./authoring/workflow-run.ts";
export type { WorkflowOptions } from "./authoring/workflow-options.ts";
export type { Duration } from "./core/duration.ts";
export { TuttiError } from "./core/errors.ts";
export type { TriggerRule } from "./core/trigger-rule.ts";
export {
  defineConfig,
  type OidcConfig,
  type OidcRole,
  type RetentionConfig,
  type TuttiConfig,
  type WebhookConfig,
} from "./loader/define-config.ts";
