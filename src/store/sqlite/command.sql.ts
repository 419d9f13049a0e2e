import type { NewCommand } from "../command-inbox.ts";
import { sql } from "./sql.ts";

export interface CommandRow {
  readonly id: number;
  readonly kind: string;
  readonly run_id: string | null;
  readonly payload: string | null;
  readonly created_at: number;
}

export const insertCommand = (p: NewCommand) => sql("insertCommand")`
  insert into command (kind, run_id, payload, created_at) values (${p.kind}, ${p.runId}, ${p.payload}, ${p.createdAt})
  returning id`;

export const getCommand = (p: { id: number }) => sql("getCommand")`select refusal from command where id = ${p.id}`;

export const listCommands = (p: { limit: number }) => sql("listCommands")`
  select id, kind, run_id, payload, created_at from command where refusal is null order by id limit ${p.limit}`;

export const deleteCommand = (p: { id: number }) => sql("deleteCommand")`delete from command where id = ${p.id}`;

export const refuseCommand = (p: { id: number; refusal: string }) => sql("refuseCommand")`
  update command set refusal = ${p.refusal} where id = ${p.id}`;

// Those that are so much older than this one: nobody looks for them any more.
export const deleteRefusedCommands = (p: { id: number; keptUs: number }) => sql("deleteRefusedCommands")`
  delete from command where refusal is not null and created_at < (select created_at from command where id = ${p.id}) - ${p.keptUs}`;
