import { playKinds } from "./play-kinds.ts";

playKinds([
  { name: "worlds with flows", share: 0.08, options: { flows: true } },
  { name: "worlds with backfills", share: 0.05, options: { backfills: true } },
  { name: "worlds with alerts", share: 0.07, options: { alerts: true } },
  { name: "worlds with events", share: 0.14, options: { events: true } },
  { name: "worlds with files and polls", share: 0.03, options: { sources: true } },
  { name: "worlds with people", share: 0.05, options: { people: true } },
  { name: "worlds with calls", share: 0.05, options: { calls: true } },
]);
