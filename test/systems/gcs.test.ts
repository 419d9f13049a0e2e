import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setConnectionResolver } from "../../src/authoring/connection.ts";
import { objectStore } from "../../src/connectors/object-store/index.ts";
import { objectsSuite } from "../../src/objects/objects-suite.test-data.ts";
import { started } from "./started.ts";

const gcs = started("gcs");
const { endpoint = "", bucket = "" } = gcs ?? {};
const url = (name: string): string => `gs://${name}/below?${new URLSearchParams({ endpoint }).toString()}`;

describe.skipIf(gcs === null)("against a server that speaks Google Cloud Storage", () => {
  objectsSuite("Google Cloud Storage", () => url(bucket));

  describe("what goes wrong", () => {
    let before: ReturnType<typeof setConnectionResolver>;
    beforeEach(() => void (before = setConnectionResolver(() => url("nowhere-at-all"))));
    afterEach(() => void setConnectionResolver(before));
    const lake = objectStore("lake");

    it("a bucket that does not exist is said by its name", async () => {
      for (const call of [() => lake.write("a", "x"), () => lake.bytes("a"), () => lake.head("a")])
        await expect(call()).rejects.toMatchObject({
          code: "BUCKET_NOT_FOUND",
          message: expect.stringContaining("gs://nowhere-at-all/below"),
        });
    });
  });
});
