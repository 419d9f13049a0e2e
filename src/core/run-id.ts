import type { Instant } from "./clock.ts";

/** Crockford's base32: no i, l, o or u. In the order of the characters' codes, so that ids sort as their numbers do. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

const FRACTIONS = 4096;

/** A UUIDv7 as 26 lower-case characters. Ids made at different microseconds sort by time. `random`: 10 bytes. */
export function runIdFrom(instant: Instant, random: Uint8Array): string {
  const ms = Math.floor(instant / 1000);
  // RFC 9562, method 3: the first 12 random bits carry the fraction of the millisecond.
  const fraction = Math.floor(((instant - ms * 1000) * FRACTIONS) / 1000);
  const [high, low] = [Math.floor(ms / 0x10000), ms % 0x10000];
  const time = [high >>> 24, high >>> 16, high >>> 8, high, low >>> 8, low, 0x70 | (fraction >> 8), fraction];
  return encode([...time, 0x80 | ((random[0] ?? 0) & 0x3f), ...random.subarray(1, 8)]);
}

/** Whether it may stand for a run: a whole id, or its beginning. */
export const isRunIdPrefix = (text: string): boolean => /^[0-7][0-9a-hjkmnp-tv-z]{0,25}$/.test(text);

/** When the id was made, to the microsecond. */
export function instantOfRunId(id: string): Instant {
  const bits = decode(id);
  const fraction = (bits >> 64n) & 0xfffn;
  // Rounded up: making the id rounded down.
  return Number((bits >> 80n) * 1000n + (fraction * 1000n + 4095n) / 4096n);
}

/** 128 bits in 26 characters: the first stands for three of them. Of each number its last eight bits count. */
function encode(bytes: readonly number[]): string {
  const codes: number[] = [];
  let [value, bits] = [0, 2];
  for (const byte of bytes) {
    value = (value << 8) | (byte & 0xff);
    for (bits += 8; bits >= 5; value &= (1 << bits) - 1) codes.push(ALPHABET.charCodeAt(value >> (bits -= 5)));
  }
  return String.fromCharCode(...codes);
}

const decode = (id: string): bigint =>
  Array.from(id).reduce((bits, char) => (bits << 5n) | BigInt(ALPHABET.indexOf(char)), 0n);
