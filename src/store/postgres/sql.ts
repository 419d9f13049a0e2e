import { queryTag } from "../query.ts";

/** The tag of every statement in this folder. */
export const sql = queryTag((index) => `$${index}`);
