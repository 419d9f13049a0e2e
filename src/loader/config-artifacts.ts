import { resolve } from "node:path";
import { TuttiError } from "../core/errors.ts";
import { isStoreUrl, parseStoreUrl } from "../objects/store-url.ts";
import { Refused } from "./refused.ts";

/** What a URL that does not say it takes from Amazon's own variables; tasks' processes get none of those, but have to read and write artifacts. */
const AMBIENT = {
  access_key_id: ["AWS_ACCESS_KEY_ID"],
  secret_access_key: ["AWS_SECRET_ACCESS_KEY"],
  session_token: ["AWS_SESSION_TOKEN"],
  region: ["AWS_REGION", "AWS_DEFAULT_REGION"],
  endpoint: ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
} as const;

/**
 * Where artifacts rest: a folder's absolute path, or the complete URL of a store.
 *
 * @throws Refused
 */
export function artifactsPlace(value: string, base: string, env: NodeJS.ProcessEnv): string {
  if (!isStoreUrl(value)) return resolve(base, value);
  const { scheme, bucket } = parsed(value, base);
  return scheme === "file" ? bucket : storeUrl(value, env);
}

/** The complete URL of a store that every machine reaches. @throws Refused */
export function storeUrl(value: string, env: NodeJS.ProcessEnv): string {
  const { scheme, settings } = parsed(value, "/");
  if (scheme === "file") throw new Refused('must be a URL such as "s3://bucket/prefix?region=eu-central-1"');
  if (scheme !== "s3") return value;
  const [address = "", query = ""] = value.split(/\?(.*)/s);
  const complete = new URLSearchParams(query);
  for (const [setting, variables] of Object.entries(AMBIENT)) {
    // A key that the URL names has its own secret; half of each would be neither.
    if (settings["access_key_id"] !== undefined && /key|token/.test(setting)) continue;
    const found = variables.map((name) => env[name]).find((text) => text !== undefined && text !== "");
    if (found !== undefined && !complete.has(setting)) complete.set(setting, found);
  }
  return complete.size === 0 ? address : `${address}?${complete.toString()}`;
}

function parsed(value: string, base: string): ReturnType<typeof parseStoreUrl> {
  try {
    return parseStoreUrl("artifacts", value, base);
  } catch (error) {
    if (!(error instanceof TuttiError)) throw error;
    throw new Refused('must be a folder, or a URL such as "s3://bucket/prefix?region=eu-central-1"');
  }
}
