import { whoOwns } from "../store/sqlite/owner-lock.ts";
import { OwnerClient } from "./owner-client.ts";

/** The owner of a SQLite store; `null`: there is none, or it does not answer. */
export async function findOwner(path: string): Promise<OwnerClient | null> {
  const socket = whoOwns(path)?.socket;
  return socket ? OwnerClient.connect(socket) : null;
}
