import { playKinds } from "./play-kinds.ts";

playKinds([
  { name: "worlds", share: 0.37, options: {} },
  { name: "worlds with schedules", share: 0.14, options: { schedules: true } },
  { name: "worlds with limits", share: 0.1, options: { limits: true } },
  { name: "worlds with kept values", share: 0.05, options: { cache: true } },
  { name: "worlds with resources", share: 0.05, options: { resources: true } },
]);
