import type { Instant } from "./clock.ts";

/** Crockford's base32: no i, l, o or u. In the order of the characters' codes, so that ids sort as their numbers do. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 26;

const FRACTIONS = 4096n;

/** A UUIDv7 as 26 lower-case characters. Ids made at different microseconds sort by time. `random`: 10 bytes. */
export function runIdFrom(instant: Instant, random: Uint8Array): string {
  const micros = BigInt(instant);
  // RFC 9562, method 3: the first 12 random bits carry the fraction of the millisecond.
  const fraction = ((micros % 1000n) * FRACTIONS) / 1000n;
  const tail = random.subarray(0, 8).reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n) & ((1n << 62n) - 1n);
  return encode(((micros / 1000n) << 80n) | (0x7n << 76n) | (fraction << 64n) | (0b10n << 62n) | tail);
}

/** Whether it may stand for a run: a whole id, or its beginning. */
export const isRunIdPrefix = (text: string): boolean => /^[0-7][0-9a-hjkmnp-tv-z]{0,25}$/.test(text);

/** When the id was made, to the microsecond. */
export function instantOfRunId(id: string): Instant {
  const bits = decode(id);
  const fraction = (bits >> 64n) & (FRACTIONS - 1n);
  // Rounded up: making the id rounded down.
  return Number((bits >> 80n) * 1000n + (fraction * 1000n + FRACTIONS - 1n) / FRACTIONS);
}

function encode(bits: bigint): string {
  let text = "";
  for (let rest = bits, place = 0; place < LENGTH; place++, rest >>= 5n) text = ALPHABET[Number(rest & 31n)] + text;
  return text;
}

const decode = (id: string): bigint =>
  Array.from(id).reduce((bits, char) => (bits << 5n) | BigInt(ALPHABET.indexOf(char)), 0n);
