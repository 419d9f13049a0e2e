import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  branch,
  type BranchNode,
  type Context,
  dag,
  firstOf,
  type Group,
  group,
  type MappedNode,
  type MappedRef,
  maybe,
  type Node,
  pick,
  type Ref,
  type Settled,
  settled,
  type Task,
  type Workflow,
  zip,
} from "../../src/index.ts";
import { build } from "../../src/authoring/build.ts";
import { anything, cell, extract, hello, optional, score, type Sale, scoreBy } from "./accepted.ts";

test("a task's input and output are inferred from its function", () => {
  expectTypeOf(hello).toEqualTypeOf<Task<void, void>>();
  expectTypeOf(optional).toEqualTypeOf<Task<{ a?: number }, number>>();
  expectTypeOf(cell).toEqualTypeOf<Task<{ region: string; year: number }, string>>();
  expectTypeOf(optional.with({ timeout: "1m" })).toEqualTypeOf<Task<{ a?: number }, number>>();
  expectTypeOf(optional.fn).parameters.toEqualTypeOf<[input: { a?: number }, ctx: Context]>();
  expectTypeOf(optional.fn).returns.toEqualTypeOf<number | Promise<number>>();
});

test("a call takes no input, an optional one, or a required one, as the task does", () => {
  expectTypeOf(hello).parameters.toEqualTypeOf<[]>();
  expectTypeOf<Parameters<typeof optional>["length"]>().toEqualTypeOf<0 | 1>();
  expectTypeOf<Parameters<typeof cell>["length"]>().toEqualTypeOf<1>();
  expectTypeOf(anything).parameter(0).toBeAny();
});

test("nodes, refs and groups carry what they will give", () => {
  const workflow = dag("inference", { params: z.object({ region: z.string().default("emea") }) }, ({ params }) => {
    expectTypeOf(params).toEqualTypeOf<Ref<{ region: string }>>();
    expectTypeOf(params.region).toEqualTypeOf<Ref<string>>();
    const node = extract({ region: params.region });
    expectTypeOf(node.meta.pages).toEqualTypeOf<Ref<number>>();
    expectTypeOf(node.sales).toEqualTypeOf<Ref<Sale[]>>();
    expectTypeOf(node.after()).toEqualTypeOf(node);
    expectTypeOf(optional()).toEqualTypeOf<Node<number>>();
    const scores = score.map({ sale: node.sales }, { mode: "x" });
    expectTypeOf(scores).toEqualTypeOf<MappedNode<number>>();
    expectTypeOf(scoreBy.map({ sale: node.sales })).toEqualTypeOf<MappedNode<number>>();
    expectTypeOf(cell.map(zip({ region: ["emea"], year: [2025] }))).toEqualTypeOf<MappedNode<string>>();
    expectTypeOf(settled(scores)).toEqualTypeOf<Ref<readonly Settled<number>[]>>();
    expectTypeOf(maybe(optional())).toEqualTypeOf<Ref<number | undefined>>();
    expectTypeOf(firstOf(optional(), node.day)).toEqualTypeOf<Ref<number | string>>();
    expectTypeOf(pick(node.sales, (sales) => sales.length)).toEqualTypeOf<Ref<number>>();
    expectTypeOf(group("plain", () => optional())).toEqualTypeOf<Group<Node<number>>>();
    const perSale = group.each("per_sale", node.sales, (sale) => {
      expectTypeOf(sale.sku).toEqualTypeOf<Ref<string>>();
      return {
        scored: score({ sale, mode: "x" }),
        days: extract({ region: sale.sku }).day,
        list: [optional()],
        constant: 1,
      };
    });
    expectTypeOf(perSale.out.scored).toEqualTypeOf<MappedRef<number>>();
    expectTypeOf(perSale.out.days).toEqualTypeOf<Ref<string[]>>();
    expectTypeOf(perSale.out.list).toEqualTypeOf<readonly MappedRef<number>[]>();
    expectTypeOf(perSale.out.constant).toEqualTypeOf<number>();
    const size = branch("size", () => ["bulk"] as ("bulk" | "trickle")[]);
    const node2 = size();
    expectTypeOf(node2).toEqualTypeOf<BranchNode<"bulk" | "trickle">>();
    node2.to({ bulk: [], trickle: [] });
  });
  expectTypeOf(workflow).toEqualTypeOf<Workflow<{ region?: string | undefined }>>();
  expect(build(workflow).manifest.groups.map(({ name }) => name)).toEqual(["plain", "per_sale"]);
});
