/** What the world itself sees, beside the invariants that look at the store and at the workers. */
export const WORLD_FACTS = {
  stuck: "nothing is stuck",
  promised: "what a user was told is durable",
  named: "every refusal has a name",
  owner: "one owner writes",
} as const;
