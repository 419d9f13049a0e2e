import type { Page } from "playwright-core";

/** From the press of a link to the first frame in which the page shows what it is for, in milliseconds. */
export async function opened(page: Page, url: string, selector: string): Promise<number> {
  await page.goto("about:blank");
  const begun = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.locator(selector).first().waitFor();
  await frame(page);
  return performance.now() - begun;
}

/** Until the browser has drawn. */
const frame = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        (globalThis as unknown as Frames).requestAnimationFrame(() =>
          (globalThis as unknown as Frames).requestAnimationFrame(() => resolve()),
        ),
      ),
  );

interface Frames {
  requestAnimationFrame(done: (at: number) => void): void;
}

/** Moves what is under the pointer, and answers how long each frame took. */
export async function framesWhilePanning(page: Page, selector: string): Promise<number[]> {
  const box = (await page.locator(selector).boundingBox())!;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const measured = page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const took: number[] = [];
        let last = performance.now();
        const next = (at: number): void => {
          took.push(at - last);
          last = at;
          if (took.length < 60) (globalThis as unknown as Frames).requestAnimationFrame(next);
          else resolve(took.slice(2));
        };
        (globalThis as unknown as Frames).requestAnimationFrame(next);
      }),
  );
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  for (let step = 1; step <= 90; step++) await page.mouse.move(middle.x - step * 4, middle.y - step * 2);
  await page.mouse.up();
  return measured;
}

/** The part of values that are not above it. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
}
