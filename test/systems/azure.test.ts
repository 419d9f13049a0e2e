import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { setConnectionResolver } from "../../src/authoring/connection.ts";
import { objectStore } from "../../src/connectors/object-store/index.ts";
import { objectsSuite } from "../../src/objects/objects-suite.test-data.ts";
import { started } from "./started.ts";

const azure = started("azure");
const { endpoint = "", account = "", key = "" } = azure ?? {};
const url = (container: string, account_key = key): string =>
  `az://${account}/${container}/below?${new URLSearchParams({ endpoint, account_key }).toString()}`;

describe.skipIf(azure === null)("against a server that speaks Azure Blob Storage", () => {
  beforeAll(async () => {
    const credential = new StorageSharedKeyCredential(account, key);
    await new BlobServiceClient(endpoint, credential).getContainerClient("tutti").createIfNotExists();
  });

  objectsSuite("Azure", () => url("tutti"));

  describe("what goes wrong", () => {
    let given = "";
    let before: ReturnType<typeof setConnectionResolver>;
    beforeEach(() => void (before = setConnectionResolver(() => given)));
    afterEach(() => void setConnectionResolver(before));
    const lake = objectStore("lake");

    it("a container that does not exist is said by its name", async () => {
      given = url("nowhere-at-all");
      for (const call of [() => lake.write("a", "x"), () => lake.bytes("a"), () => lake.head("a")])
        await expect(call()).rejects.toMatchObject({
          code: "BUCKET_NOT_FOUND",
          message: expect.stringContaining(`az://${account}/nowhere-at-all/below`),
        });
    });

    it("a wrong key is denied, and not shown", async () => {
      const wrong = Buffer.from("hunter2").toString("base64");
      given = url("tutti", wrong);
      const error: unknown = await lake.write("a", "x").catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: "OBJECT_STORE_DENIED" });
      expect(String(error)).not.toContain(wrong);
    });
  });
});
