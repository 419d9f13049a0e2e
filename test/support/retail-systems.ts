import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { MortalServer } from "./mortal-server.ts";
import { PostgresServer } from "./postgres-server.ts";
import { StandaloneSpark } from "./standalone-spark.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const INSTALLED = process.env["TUTTI_SYSTEMS_CACHE"] ?? join(ROOT, ".tmp", "systems");
const python = (system: string): string => join(INSTALLED, system, "venv", "bin", "python");

/** Every system of the retail pipeline's production form, each of them to be killed and started again. */
export class RetailSystems {
  readonly postgres: PostgresServer;
  readonly spark: StandaloneSpark;
  readonly s3: MortalServer;
  readonly snowflake: MortalServer;
  readonly slack: MortalServer;
  readonly smtp: MortalServer;
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;

  private constructor(
    folder: string,
    servers: Pick<RetailSystems, "postgres" | "spark" | "s3" | "snowflake" | "slack" | "smtp">,
    orders: string,
  ) {
    this.#folder = folder;
    this.postgres = servers.postgres;
    this.spark = servers.spark;
    this.s3 = servers.s3;
    this.snowflake = servers.snowflake;
    this.slack = servers.slack;
    this.smtp = servers.smtp;
    this.env = {
      TUTTI_CONNECTION_ORDERS: orders,
      TUTTI_CONNECTION_SPARK: this.spark.url,
      TUTTI_ARTIFACTS: `s3://tutti/retail?endpoint=${encodeURIComponent(`http://127.0.0.1:${this.s3.port}`)}&region=us-east-1`,
      AWS_ACCESS_KEY_ID: S3_USER,
      AWS_SECRET_ACCESS_KEY: S3_SECRET,
      TUTTI_CONNECTION_WAREHOUSE: `snowflake://ETL:secret-word@fakesnow/SHOP/PUBLIC?host=127.0.0.1&port=${this.snowflake.port}&protocol=http&warehouse=LOAD_WH&role=LOADER`,
      TUTTI_CONNECTION_SLACK: `http://127.0.0.1:${this.slack.port}/services/bi`,
      TUTTI_CONNECTION_SMTP: `smtp://tutti:hunter2-hunter2@localhost:${this.smtp.port}?from=${encodeURIComponent("Tutti <tutti@example.com>")}&tls=required`,
      NODE_EXTRA_CA_CERTS: join(folder, "smtp", "ca.pem"),
    };
  }

  static async start(spark: { readonly home: string; readonly python: string }): Promise<RetailSystems> {
    const folder = mkdtempSync(join(tmpdir(), "tutti-retail-systems-"));
    const [postgres, cluster, s3, snowflake, slack, smtp] = await Promise.all([
      PostgresServer.start({ durable: true }),
      StandaloneSpark.start({ ...spark, signal: new AbortController().signal }),
      MortalServer.start(s3In(folder)),
      MortalServer.start(snowflakeIn(folder)),
      MortalServer.start(SLACK),
      MortalServer.start(smtpIn(folder)),
    ]);
    const { url } = await postgres.makeDatabase();
    return new RetailSystems(folder, { postgres, spark: cluster, s3, snowflake, slack, smtp }, url);
  }

  /** Messages that the receiver has got since it was started. */
  async slackMessages(): Promise<readonly string[]> {
    const received = await (await fetch(`http://127.0.0.1:${this.slack.port}/received`)).json();
    return (received as { readonly body: string }[]).map(({ body }) => body);
  }

  mails(): number {
    return readdirSync(join(this.#folder, "smtp", "mails")).length;
  }

  async stop(): Promise<void> {
    await Promise.all([this.s3, this.snowflake, this.slack, this.smtp].map((server) => server.kill()));
    await Promise.all([this.postgres.stop(), this.spark.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const S3_USER = "retail";
const S3_SECRET = "retail-secret-word";

function s3In(folder: string): Parameters<typeof MortalServer.start>[0] {
  for (const name of ["objects/tutti", "about"]) mkdirSync(join(folder, "s3", name), { recursive: true });
  const place = ["posix", "--sidecar", join(folder, "s3", "about"), join(folder, "s3", "objects")];
  return {
    command: join(INSTALLED, "s3", "bin", "versitygw"),
    args: (port) => ["--access", S3_USER, "--secret", S3_SECRET, "--port", `127.0.0.1:${port}`, "--quiet", ...place],
    ready: (port) => fetch(`http://127.0.0.1:${port}`),
  };
}

function snowflakeIn(folder: string): Parameters<typeof MortalServer.start>[0] {
  const databases = join(folder, "snowflake");
  mkdirSync(databases);
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "key.pub"), publicKey.export({ type: "spki", format: "pem" }));
  const server = join(ROOT, "scripts", "systems", "fakesnow_server.py");
  return {
    command: python("snowflake"),
    args: (port) => [server, String(port), "ETL", "secret-word", join(folder, "key.pub"), databases],
    ready: (port) => fetch(`http://127.0.0.1:${port}/running`),
    env: { TMPDIR: folder },
  };
}

const SLACK: Parameters<typeof MortalServer.start>[0] = {
  command: python("webhook"),
  args: (port) => [
    join(ROOT, "test", "systems", "webhook-server.py"),
    String(port),
    "whsec_dHV0dGktdHV0dGktdHV0dGktdHV0dGk",
  ],
  ready: (port) => fetch(`http://127.0.0.1:${port}/received`),
};

function smtpIn(folder: string): Parameters<typeof MortalServer.start>[0] {
  return {
    command: python("smtp"),
    args: (port) => [join(ROOT, "test", "systems", "smtp-server.py"), join(folder, "smtp"), String(port)],
    ready: async () => {
      if (!readdirSync(join(folder, "smtp")).includes("ca.pem")) throw new Error("no certificate yet");
      await pause(200);
    },
  };
}
