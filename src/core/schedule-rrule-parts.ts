type Range = readonly [least: number, most: number, fromTheEnd: boolean];

/** The parts of a rule whose values are numbers; from the end, they may also be negative. */
const NUMBERS: Readonly<Record<string, Range>> = {
  COUNT: [1, Infinity, false],
  INTERVAL: [1, Infinity, false],
  BYSECOND: [0, 59, false],
  BYMINUTE: [0, 59, false],
  BYHOUR: [0, 23, false],
  BYMONTHDAY: [1, 31, true],
  BYYEARDAY: [1, 366, true],
  BYWEEKNO: [1, 53, true],
  BYMONTH: [1, 12, false],
  BYSETPOS: [1, 366, true],
};
/** Those that the library reads closely itself. */
const OTHERS = ["FREQ", "UNTIL", "BYDAY", "WKST"];

/** Why the parts of a rule are none, which the library passes over in silence; `null`: they are fine. */
export function wrongPart(rule: string): string | null {
  const seen = new Set<string>();
  for (const part of rule.split(";").filter((each) => each !== "")) {
    const [, name = "", value = ""] = /^(\w+)=(.+)$/.exec(part) ?? [];
    const upper = name.toUpperCase();
    if (name === "") return `${JSON.stringify(part)} is no part of a rule`;
    if (seen.has(upper)) return `"${upper}" is there twice`;
    seen.add(upper);
    const range = NUMBERS[upper];
    if (range === undefined && !OTHERS.includes(upper)) return `there is no part "${name}"`;
    const bad = range && value.split(",").find((each) => !isIn(each, range));
    if (bad !== undefined) return `"${upper}" can't be ${bad}`;
  }
  return null;
}

function isIn(text: string, [least, most, fromTheEnd]: Range): boolean {
  const size = fromTheEnd ? Math.abs(Number(text)) : Number(text);
  return /^[+-]?\d+$/.test(text) && size >= least && size <= most;
}
