import { OptionalPackage } from "../optional-package.ts";

export type PgModule = typeof import("pg");
type CursorClass = typeof import("pg-cursor");
type CopyModule = typeof import("pg-copy-streams");

const what = "PostgreSQL";
// The first that is missing names all three: who needs one will soon need the others.
const install = "pg pg-cursor pg-copy-streams";
const pg = new OptionalPackage<{ readonly default: PgModule }>({ what, name: "pg", install });
const cursor = new OptionalPackage<{ readonly default: CursorClass }>({ what, name: "pg-cursor", install });
const copy = new OptionalPackage<{ readonly default: CopyModule }>({ what, name: "pg-copy-streams", install });

/** The same driver as the PostgreSQL store's. @throws DriverMissing `DRIVER_MISSING` */
export const pgModule = async (): Promise<PgModule> => (await pg.get()).default;
/** @throws DriverMissing `DRIVER_MISSING` */
export const cursorClass = async (): Promise<CursorClass> => (await cursor.get()).default;
/** @throws DriverMissing `DRIVER_MISSING` */
export const copyModule = async (): Promise<CopyModule> => (await copy.get()).default;
