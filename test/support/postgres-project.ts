import { migratePostgres } from "../../src/store/postgres/open-postgres-store.ts";
import type { PostgresServer } from "./postgres-server.ts";
import { type TempProject, tempProject } from "./temp-project.ts";
import { type Ended, startTutti, tutti, type TuttiProcess } from "./tutti-process.ts";

/** A project whose store is a database of its own on a server. */
export interface PostgresProject extends TempProject {
  readonly database: string;
  readonly url: string;
  /** The command line in this project, as another machine would call it with the same variables. */
  tutti(args: readonly string[], env?: Env): Promise<Ended>;
  /** `bin`: of another build. */
  start(args: readonly string[], env?: Env, bin?: string): TuttiProcess;
}

export interface PostgresProjectOptions {
  /** Default: true. */
  readonly migrated?: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

export async function postgresProject(
  server: PostgresServer,
  files: Readonly<Record<string, string>> = {},
  { migrated = true }: PostgresProjectOptions = {},
): Promise<PostgresProject> {
  const { name, url } = await server.makeDatabase();
  if (migrated) await migratePostgres({ url });
  const project = tempProject(files);
  const options = (env: Env = {}, bin?: string) => ({
    cwd: project.dir,
    ...(bin === undefined ? {} : { bin }),
    env: { TUTTI_STORE: url, TUTTI_CHILDREN: "1", ...env },
  });
  return {
    ...project,
    database: name,
    url,
    tutti: (args, env) => tutti(args, options(env)),
    start: (args, env, bin) => startTutti(args, options(env, bin)),
  };
}
