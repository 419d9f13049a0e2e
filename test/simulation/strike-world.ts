import type { Strike } from "./fault-plan.ts";
import type { SimRival } from "./sim-rival.ts";
import type { SimZombie } from "./sim-zombie.ts";
import type { World } from "./world.ts";

/** What befalls a world at a moment that nothing in it has chosen. */
export function strikeWorld(
  world: World,
  strike: Strike,
  others: { readonly zombie: SimZombie; readonly rival: SimRival },
): void {
  const { engine } = world;
  if (!engine?.serves) return;
  switch (strike) {
    case "crash":
      return world.crash(engine, "at an await");
    case "hostDies":
      return engine.host.die();
    case "zombieWrites":
      return void others.zombie.write();
    case "rivalMoves":
      return void others.rival.move();
    case "clockJumps":
      return engine.jump();
    case "restart":
      engine.closing = true;
      return void engine.close(world.dice.between(0, 3_000)).then(() => world.crash(engine, "in peace"));
    case "standsStill":
      return world.database ? engine.pause(world.dice.between(100, 20_000)) : undefined;
    case "isCutOff":
      return world.database ? engine.cutOff(world.dice.between(100, 20_000)) : undefined;
  }
}
