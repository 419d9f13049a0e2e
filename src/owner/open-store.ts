import type { TuttiError } from "../core/errors.ts";
import type { StorePlace } from "../loader/config-store.ts";
import { maskUrl } from "../loader/mask-url.ts";
import type { CommandInbox } from "../store/command-inbox.ts";
import type { StoreReader } from "../store/reader.ts";
import type { Store } from "../store/store.ts";
import type { WakeUps } from "../store/wake-ups.ts";

// The only place that knows which databases there are. Each is loaded when it is opened: the start of a command must stay quick.
const sqlite = () => import("../store/sqlite/open-sqlite-store.ts");
const postgres = () => import("../store/postgres/open-postgres-store.ts");

/** The store, for writing. On SQLite only its owner may. @throws TuttiError as `openSqliteStore`, `openPostgresStore` */
export const openStore = async (place: StorePlace): Promise<Store> =>
  place.kind === "sqlite" ? (await sqlite()).openSqliteStore(place) : (await postgres()).openPostgresStore(place);

/** Reads beside whoever works on the store. @throws TuttiError as `openSqliteReader`, `openPostgresReader` */
export const openReader = async (place: StorePlace): Promise<StoreReader> =>
  place.kind === "sqlite" ? (await sqlite()).openSqliteReader(place) : (await postgres()).openPostgresReader(place);

/** Leaves commands for those who carry them out. @throws TuttiError as `openSqliteInbox`, `openPostgresInbox` */
export const openInbox = async (place: StorePlace): Promise<CommandInbox> =>
  place.kind === "sqlite" ? (await sqlite()).openSqliteInbox(place) : (await postgres()).openPostgresInbox(place);

/** What processes tell each other through a database; a file has one owner, who needs none. */
export async function openWakeUps(
  place: StorePlace & { kind: "postgres" },
  onTrouble: (error: TuttiError) => void,
): Promise<WakeUps> {
  return (await postgres()).openPostgresWakeUps({ url: place.url, listenUrl: place.directUrl, onTrouble });
}

/** The names of the steps that the schema lacks; empty: it is up to date. @throws TuttiError as `openReader` */
export const pendingMigrations = async (place: StorePlace): Promise<readonly string[]> =>
  place.kind === "sqlite"
    ? (await sqlite()).pendingSqliteMigrations(place)
    : (await postgres()).pendingPostgresMigrations(place);

/** The store's name in messages: never with a password. */
export const storeName = (place: StorePlace): string => (place.kind === "sqlite" ? place.path : maskUrl(place.url));
