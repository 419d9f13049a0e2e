/** What the world itself sees, beside the invariants that look at the store and at the workers. */
export const WORLD_FACTS = {
  stuck: "nothing is stuck",
  promised: "what a user was told is durable",
  named: "every refusal has a name",
  owner: "one owner writes",
  told: "a run is told of what started it, whoever runs its tasks",
} as const;

/** Faults come for this long; then the world must come to rest by itself, within as many steps again as a bound on them. */
export const STORM_MS = 25_000;
export const MAX_STEPS = 20_000;
/** By then everything has come to rest, however wrong the clocks were by which it waits. */
export const QUIET_MS = 7_200_000;
