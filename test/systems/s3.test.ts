import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setConnectionResolver } from "../../src/authoring/connection.ts";
import { objectStore } from "../../src/connectors/object-store/index.ts";
import { objectsSuite } from "../../src/objects/objects-suite.test-data.ts";
import { started } from "./started.ts";

const s3 = started("s3");
const url = (prefix: string, other: Readonly<Record<string, string>> = {}): string => {
  const { endpoint = "", region = "", accessKey = "", secretKey = "", bucket = "" } = { ...s3, ...other };
  const settings = new URLSearchParams({ endpoint, region, access_key_id: accessKey, secret_access_key: secretKey });
  return `s3://${bucket}/${prefix}?${settings.toString()}`;
};

describe.skipIf(s3 === null)("against a server that speaks S3", () => {
  objectsSuite("S3", () => url("suite"));
});

describe.skipIf(s3 === null)("S3", () => {
  let given = "";
  let before: ReturnType<typeof setConnectionResolver>;
  beforeEach(() => void (before = setConnectionResolver(() => given)));
  afterEach(() => void setConnectionResolver(before));
  const lake = objectStore("lake");

  it("a bucket that does not exist is said by its name, whatever is asked of it", async () => {
    given = url("x", { bucket: "nowhere-at-all" });
    const calls = [
      () => lake.write("a", "x"),
      () => lake.bytes("a"),
      () => lake.head("a"),
      () => lake.delete("a"),
      () => all(),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        code: "BUCKET_NOT_FOUND",
        message: expect.stringContaining("s3://nowhere-at-all/x"),
      });
  });

  it("a wrong key is denied, and not shown", async () => {
    given = url("x", { secretKey: "wrong-hunter2-wrong" });
    const error: unknown = await lake.write("a", "x").catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "OBJECT_STORE_DENIED" });
    expect(String(error)).not.toContain("hunter2");
  });

  it("a server that is not there has failed", async () => {
    given = url("x", { endpoint: "http://127.0.0.1:1" });
    await expect(lake.head("a")).rejects.toMatchObject({ code: "OBJECT_STORE_FAILED" });
  });

  it("one prefix does not see another", async () => {
    given = url("one");
    await lake.write("a", "1");
    given = url("two");
    expect(await lake.head("a")).toBeNull();
    expect(await all()).toEqual([]);
  });

  it("pages through more than a thousand", async () => {
    given = url("many");
    const keys = Array.from({ length: 1_050 }, (_, at) => `k${String(at).padStart(4, "0")}`);
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => lake.write(key, "")));
    expect(await all()).toEqual(keys);
    await lake.delete(keys);
    expect(await all()).toEqual([]);
  });

  const all = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of lake.list()) found.push(key);
    return found;
  };
});
