/**
 * The `nth` number in [0, 1) that belongs to a text: always the same, and to look at like any other. Not for secrets.
 */
export function seededRandom(seed: string, nth: number): number {
  let hash = 0x811c9dc5 ^ nth;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  const high = mixed(hash ^ Math.imul(nth, 0x9e3779b1));
  const low = mixed(high ^ 0x85ebca6b);
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}

function mixed(bits: number): number {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
