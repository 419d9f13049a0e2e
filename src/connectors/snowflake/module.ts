import { OptionalPackage } from "../optional-package.ts";

export type SnowflakeModule = typeof import("snowflake-sdk");

const sdk = new OptionalPackage<{ readonly default: SnowflakeModule }>({ what: "Snowflake", name: "snowflake-sdk" });

let silenced = false;

/** Snowflake's own driver, an optional peer. @throws DriverMissing `DRIVER_MISSING` */
export async function snowflakeModule(): Promise<SnowflakeModule> {
  const { default: snowflake } = await sdk.get();
  // By itself it writes a snowflake.log into the working directory, statements and all.
  if (!silenced) snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });
  silenced = true;
  return snowflake;
}
