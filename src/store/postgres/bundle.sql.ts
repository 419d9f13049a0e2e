import { sql } from "./sql.ts";

export interface BundleRow {
  readonly hash: string;
  readonly code: string;
  readonly map: string | null;
}

export const insertBundle = (p: BundleRow) => sql("insertBundle")`
  insert into tutti.bundle (hash, code, map) values (${p.hash}, ${p.code}, ${p.map}) on conflict do nothing`;

export const getBundleId = (p: { hash: string }) =>
  sql("getBundleId")`select id from tutti.bundle where hash = ${p.hash}`;

export const getBundle = (p: { hash: string }) =>
  sql("getBundle")`select hash, code, map from tutti.bundle where hash = ${p.hash}`;

export const deleteUnusedBundles = () => sql("deleteUnusedBundles")`
  delete from tutti.bundle b where not exists (select from tutti.version v where v.bundle = b.id)`;
