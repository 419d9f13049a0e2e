import { expect, test } from "vitest";
import { TuttiError } from "../core/errors.ts";
import { fakeClock } from "../testing/fake-clock.ts";
import { patiently } from "./patience.ts";

/** A store that fails so often before it answers. */
function failing(times: number, code: string) {
  const asked: number[] = [];
  const clock = fakeClock();
  const ask = async (): Promise<string> => {
    asked.push(clock.now());
    if (asked.length <= times) throw new TuttiError(code, "not now");
    return "answer";
  };
  return { clock, ask, asked };
}

/** Until then nothing waits for the clock. */
const firstRefusal = () => new Promise((resolve) => setImmediate(resolve));

test.each(["STORE_FULL", "STORE_BUSY", "STORE_IO_ERROR", "STORE_UNREACHABLE"])(
  "after %s the store is asked again, ever more slowly",
  async (code) => {
    const { clock, ask, asked } = failing(3, code);
    const told: number[] = [];
    const answer = patiently(clock, ask, (_, tries) => told.push(tries) > 99);

    await firstRefusal();
    await clock.advance("10s");
    expect(await answer).toBe("answer");
    expect(told).toEqual([1, 2, 3]);
    const waits = asked.map((at, place) => (at - (asked[place - 1] ?? at)) / 1000);
    expect(waits).toEqual([0, 100, 200, 400]);
  },
);

test("what does not pass is thrown at once", async () => {
  const { clock, ask, asked } = failing(1, "STORE_DAMAGED");
  await expect(patiently(clock, ask, () => false)).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  expect(asked).toHaveLength(1);
});

test("whoever is tired gives up", async () => {
  const { clock, ask, asked } = failing(9, "STORE_BUSY");
  const answer = patiently(clock, ask, (_, tries) => tries === 2);
  const refused = expect(answer).rejects.toMatchObject({ code: "STORE_BUSY" });
  await firstRefusal();
  await clock.advance("1m");
  await refused;
  expect(asked).toHaveLength(2);
});
