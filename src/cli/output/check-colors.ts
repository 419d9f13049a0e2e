/** Of what a check found. */
export const STATUS_COLORS = { pass: "green", warn: "yellow", fail: "red" } as const;
