import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from "node:crypto";
import { decrypt, encrypt, type SecretName } from "./envelope.ts";

/** What values in a box are for: they open for this claim, and for nothing else. */
export interface BoxOf extends SecretName {
  readonly taskRunId: number;
  readonly claim: number;
}

/** A worker's half: made for one request, never written down. */
export interface BoxKey {
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function newBoxKey(): BoxKey {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  return { publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"), privateKey };
}

/** Values that only the holder of the private key can read, each with a key pair of its own. */
export function sealFor(publicKey: string, value: string, of: BoxOf): string {
  const theirs = createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" });
  const own = newBoxKey();
  const key = sharedKey(own.privateKey, theirs, own.publicKey, publicKey);
  return `${own.publicKey}.${encrypt(key, Buffer.from(value, "utf8"), aad(of)).toString("base64")}`;
}

/** @throws TuttiError `SECRET_DAMAGED` */
export function openBox({ publicKey, privateKey }: BoxKey, box: string, of: BoxOf): string {
  const [theirs = "", body = ""] = box.split(".");
  const key = sharedKey(
    privateKey,
    createPublicKey({ key: Buffer.from(theirs, "base64"), type: "spki", format: "der" }),
    theirs,
    publicKey,
  );
  return decrypt(key, Buffer.from(body, "base64"), aad(of), of).toString("utf8");
}

function sharedKey(privateKey: KeyObject, publicKey: KeyObject, sender: string, receiver: string): Buffer {
  const secret = diffieHellman({ privateKey, publicKey });
  return Buffer.from(hkdfSync("sha256", secret, "", `tutti sealed delivery ${sender} ${receiver}`, 32));
}

const aad = ({ kind, name, taskRunId, claim }: BoxOf): Buffer =>
  Buffer.from(JSON.stringify(["delivery", kind, name, taskRunId, claim]));
