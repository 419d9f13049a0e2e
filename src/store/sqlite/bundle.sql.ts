import type { Bundle } from "../store.ts";
import { sql } from "./sql.ts";

export const insertBundle = (bundle: Bundle) => sql("insertBundle")`
  insert into bundle (hash, code, map) values (${bundle.hash}, ${bundle.code}, ${bundle.map}) on conflict do nothing`;

export const getBundleId = (p: { hash: string }) => sql("getBundleId")`select id from bundle where hash = ${p.hash}`;

export const getBundle = (p: { hash: string }) =>
  sql("getBundle")`select hash, code, map from bundle where hash = ${p.hash}`;

export const deleteUnusedBundles = () => sql("deleteUnusedBundles")`
  delete from bundle where not exists (select 1 from version where bundle = bundle.id)`;
