import { dag, task } from "tutti";

export interface Greeting {
  readonly name: string;
  readonly text: string;
}

/** Where data comes from: here a list, in your pipeline a database or an API. */
export const readNames = task("read_names", { retries: 2 }, () => ["Ada", "Grace", "Edsger"]);

/** `ctx.date` is the day that the run is about, also when it runs later. */
export const greet = task("greet", ({ names }: { names: string[] }, ctx): Greeting[] => {
  return names.map((name) => ({ name, text: `Hello ${name}, this is about ${ctx.date}.` }));
});

/** What a task prints is kept with its run: `tutti logs <run>`. */
export const announce = task("announce", ({ greetings }: { greetings: Greeting[] }, ctx) => {
  for (const { name, text } of greetings) ctx.log.info(text, { name });
  return greetings.length;
});

// A call places a task, and what it is given makes the order.
export default dag("hello", { description: "A first pipeline", schedule: "@daily" }, () => {
  const greetings = greet({ names: readNames() });
  announce({ greetings });
});
