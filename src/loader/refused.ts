/** Why a value is refused: `must be …`. Becomes a part of `BAD_CONFIG`. */
export class Refused extends Error {}
