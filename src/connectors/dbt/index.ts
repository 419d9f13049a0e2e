export { DbtFailed } from "./dbt-failed.ts";
export { type DbtRunOptions, type DbtVerb } from "./dbt-options.ts";
export { type DbtNode } from "./dbt-results.ts";
export { dbt, type Dbt, type DbtOptions, type DbtResult } from "./dbt.ts";
export { type CommandEnv, type ConnectionUrl, urlOf } from "../shell/command-environment.ts";
export { CommandNotFound, CommandNotStarted } from "../shell/command-errors.ts";
