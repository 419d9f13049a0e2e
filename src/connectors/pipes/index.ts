export { type PipesOptions } from "./pipes-context.ts";
export { type PipesReports } from "./pipes-log.ts";
export {
  type PipesCheck,
  type PipesException,
  type PipesMaterialization,
  type PipesMetadata,
  type PipesMetadatum,
} from "./pipes-message.ts";
export { openPipes, type OpenPipesOptions, type PipesEnd, type PipesSession } from "./pipes-session.ts";
