/** A task's output as it rests: small ones beside the task run, large ones as a frame in the artifact store. */
export type StoredValue =
  | { readonly kind: "inline"; readonly text: string }
  | { readonly kind: "frame"; readonly uri: string; readonly bytes: number };

/**
 * What the worker that made a value says about the lists in it that the graph maps over, by probe key (`core/graph.ts`).
 * `value`: the list itself, where a `pick` made it. `error`: it is no list, or the pick threw.
 */
export type ListReports = Readonly<Record<string, ListReport>>;
export type ListReport =
  | { readonly length: number; readonly value?: StoredValue }
  | { readonly error: { readonly code: string; readonly message: string } };
