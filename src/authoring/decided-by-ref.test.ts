import { expect, test } from "vitest";
import { z } from "zod";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { pick } from "./pick.ts";
import { task } from "./task.ts";

const extract = task("extract", async (): Promise<any> => ({ rows: [1], flag: true, n: 1 }));
const use = task("use", async (input: any) => input);

type Body = (run: { params: any }) => unknown;
const built = (body: Body) =>
  build(dag("retail", { params: z.object({ dry: z.boolean(), deep: z.any() }) }, body as () => void));

/** Types would refuse none of these: to them a ref is an object like any other. */
const decisions: readonly (readonly [string, Body])[] = [
  [
    "if",
    () => {
      const node: any = extract();
      if (node.flag) use({});
    },
  ],
  [
    "if not",
    () => {
      const node: any = extract();
      if (!node.flag) use({});
    },
  ],
  [
    "if and",
    ({ params }) => {
      const more = true;
      if (params.dry && more) use({});
    },
  ],
  [
    "if and, on the right",
    ({ params }) => {
      const more = true;
      if (more && params.dry) use({});
    },
  ],
  [
    "a destructured if",
    ({ params }) => {
      const { dry } = params;
      if (dry) use({});
    },
  ],
  [
    "a deeper property",
    ({ params }) => {
      if (params.deep.flag) use({});
    },
  ],
  ["?:", ({ params }) => use({ x: params.dry ? 1 : 2 })],
  ["&&", ({ params }) => params.dry && use({})],
  ["||", ({ params }) => params.dry || use({})],
  [
    "===",
    ({ params }) => {
      if (params.deep.n === 1) use({});
    },
  ],
  [
    "!== from the left",
    ({ params }) => {
      if (1 !== params.deep.n) use({});
    },
  ],
  [
    "while",
    ({ params }) => {
      while (params.dry) {
        use({});
        break;
      }
    },
  ],
  [
    "switch",
    ({ params }) => {
      switch (params.deep.n) {
        case 1:
          use({});
      }
    },
  ],
  [
    "a condition beside a use",
    () => {
      const node: any = extract();
      if (node.rows) use({ rows: node.rows });
    },
  ],
];

test.each(decisions)("a condition by %s is refused", (_, body) => {
  expect(() => built(body)).toThrow(
    expect.objectContaining({
      code: "REF_USED_AS_VALUE",
      message: expect.stringMatching(/^"\S+" in workflow "retail" was used in a condition.*branch/),
    }),
  );
});

const harmless: readonly (readonly [string, Body])[] = [
  [
    "a property that is read and left",
    ({ params }) => {
      const { dry, deep } = params;
      use({ dry });
      return deep;
    },
  ],
  [
    "a list of refs of which one is used",
    ({ params }) => {
      const all = { dry: params.dry, deep: params.deep };
      use({ n: all.deep });
    },
  ],
  [
    "a condition by a longer name",
    ({ params }) => {
      const dryRun = true;
      const { dry } = params;
      if (dryRun) use({});
      return dry;
    },
  ],
  [
    "a condition by the same name inside a pick",
    () => {
      use({ x: pick(extract() as any, (value: any) => (value.flag ? 1 : 2)) });
    },
  ],
];

test.each(harmless)("%s is fine", (_, body) => {
  expect(built(body).manifest.tasks.length).toBeGreaterThan(0);
});
