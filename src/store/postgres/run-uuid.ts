/** Crockford's base32, as `core/run-id.ts` writes ids. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 26;
const VALUES = new Map(Array.from(ALPHABET, (char, value) => [char.charCodeAt(0), value]));

/** Before every run. */
export const FIRST_UUID = "00000000-0000-0000-0000-000000000000";
/** After every run. */
export const LAST_UUID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The UUID that an id stands for; `null`: it is no id. Both sort alike. */
export function toUuid(id: string): string | null {
  if (id.length !== LENGTH) return null;
  let hex = "";
  let held = 0;
  let bits = 0;
  for (let place = 0; place < LENGTH; place += 1) {
    const value = VALUES.get(id.charCodeAt(place));
    // 26 characters hold 130 bits, so the first says three of the 128.
    if (value === undefined || (place === 0 && value > 7)) return null;
    held = (held << 5) | value;
    bits += place === 0 ? 3 : 5;
    while (bits >= 4) {
      bits -= 4;
      hex += ((held >> bits) & 15).toString(16);
      held &= (1 << bits) - 1;
    }
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function fromUuid(uuid: string): string {
  let rest = BigInt(`0x${uuid.replaceAll("-", "")}`);
  let id = "";
  for (let place = 0; place < LENGTH; place += 1, rest >>= 5n) id = ALPHABET[Number(rest & 31n)] + id;
  return id;
}

/** The first and the last UUID of the ids that begin so; `null`: none can. */
export function uuidsWithPrefix(prefix: string): { readonly from: string; readonly to: string } | null {
  const from = toUuid(prefix.padEnd(LENGTH, "0"));
  const to = toUuid(prefix.padEnd(LENGTH, "z"));
  return prefix === "" || from === null || to === null ? null : { from, to };
}
