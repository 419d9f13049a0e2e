import type { ConnectionOptions } from "snowflake-sdk";
import { resolve } from "node:path";
import { TuttiError } from "../../core/errors.ts";

/** Where a Snowflake URL points, and who signs in. */
export interface Account {
  readonly options: ConnectionOptions;
  /** Sessions at once in this process. */
  readonly pool: number;
  /** Absolute; to be checked before the driver, which says less, reads it. */
  readonly privateKeyFile: string | null;
  /** What each session is set to when it begins. */
  readonly session: Readonly<Record<string, string>>;
}

const DEFAULT_POOL = 16;
const LOGIN_RETRIES = 2;

/** Behind the `?`. What is not here is refused: a misspelt role would be the user's default role. */
const OPTIONS = [
  "warehouse",
  "role",
  "authenticator",
  "token",
  "token_file",
  "private_key",
  "private_key_file",
  "private_key_passphrase",
  "host",
  "port",
  "protocol",
  "query_tag",
  "pool",
  "quoted_identifiers_ignore_case",
] as const;

type Options = Readonly<Partial<Record<(typeof OPTIONS)[number], string>>>;

/**
 * Reads `snowflake://user:password@account/database/schema?warehouse=…&role=…`, as Snowflake's other drivers write it. With `private_key_file` or
 * `private_key` (PEM) it signs in by key pair, and needs no password.
 *
 * @throws TuttiError `CONNECTION_URL_REFUSED`, without showing the URL.
 */
export function snowflakeAccount(connection: string, url: string): Account {
  const address = URL.canParse(url) ? new URL(url) : null;
  const [, database, schema, more] = address?.pathname.split("/").map(decodeURIComponent) ?? [];
  if (address === null || address.hostname === "" || address.username === "" || more !== undefined)
    throw refused(
      connection,
      'its URL is not one of a Snowflake account. It looks like "snowflake://user:password@account/database/schema?warehouse=…&role=…".',
    );
  const given = [...address.searchParams];
  const unknown = given.find(([name]) => !(OPTIONS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw refused(connection, `"${unknown[0]}" is no option of a Snowflake URL. Known: ${OPTIONS.join(", ")}.`);
  const options: Options = Object.fromEntries(given);
  const pool = Number(options.pool ?? DEFAULT_POOL);
  if (!Number.isSafeInteger(pool) || pool < 1) throw refused(connection, '"pool" must be a whole number, 1 or more.');
  const privateKeyFile = options.private_key_file === undefined ? null : resolve(options.private_key_file);
  return {
    options: defined({
      account: address.hostname,
      username: decodeURIComponent(address.username),
      database: database || undefined,
      schema: schema || undefined,
      warehouse: options.warehouse,
      role: options.role,
      queryTag: options.query_tag ?? "tutti",
      ...endpoint(options),
      ...signIn(connection, decodeURIComponent(address.password), options, privateKeyFile),
      application: "tutti",
      // Else a null that comes as text is the text "NULL".
      representNullAsStringNull: false,
      sfRetryMaxLoginRetries: LOGIN_RETRIES,
      // A session ends when it has been idle here, and not when it is given back.
      clientSessionKeepAlive: false,
    }),
    pool,
    privateKeyFile,
    session: {
      // Else a Date would compare with a date by the account's zone.
      TIMEZONE: "'UTC'",
      // A pipeline that quotes "daily_sales" means the table that others made as daily_sales, which Snowflake keeps in upper case.
      QUOTED_IDENTIFIERS_IGNORE_CASE: options.quoted_identifiers_ignore_case === "false" ? "false" : "true",
    },
  };
}

function signIn(
  connection: string,
  password: string,
  { authenticator, token, token_file: tokenFile, private_key: privateKey, private_key_passphrase: passphrase }: Options,
  privateKeyFile: string | null,
): ConnectionOptions {
  if (privateKeyFile !== null || privateKey !== undefined)
    return defined({
      authenticator: "SNOWFLAKE_JWT",
      privateKey,
      privateKeyPath: privateKeyFile ?? undefined,
      privateKeyPass: passphrase,
    });
  if (password === "" && token === undefined && tokenFile === undefined && authenticator === undefined)
    throw refused(
      connection,
      "its URL says nothing to sign in with: a password, private_key_file=…, or a token with its authenticator.",
    );
  return defined({ authenticator, token, tokenFilePath: tokenFile, password: password || undefined });
}

/** For a private endpoint, or a server on this machine. */
function endpoint({ host, port, protocol = "https" }: Options): ConnectionOptions {
  if (host === undefined) return {};
  const accessUrl = `${protocol}://${host}${port === undefined ? "" : `:${port}`}`;
  return { host, accessUrl, ...(port === undefined ? {} : { port: Number(port) }), protocol } as ConnectionOptions;
}

function defined(options: Readonly<Record<string, unknown>>): ConnectionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const refused = (connection: string, why: string): TuttiError =>
  new TuttiError("CONNECTION_URL_REFUSED", `Connection "${connection}": ${why}`);
