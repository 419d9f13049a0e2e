/**
 * What a value is, told by its exact prototype: a subclass of Map is no Map, since it would come back as a bare one.
 * The names are the tags of the value codec's library.
 */
const BUILT_IN = [
  Object,
  Array,
  Date,
  Map,
  Set,
  URL,
  URLSearchParams,
  RegExp,
  ArrayBuffer,
  DataView,
  Number,
  String,
  Boolean,
  BigInt,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

const KINDS = new Map<unknown, string>(BUILT_IN.map((type) => [type.prototype, type.name]));
KINDS.set(null, "Object");
KINDS.set(Buffer.prototype, "Uint8Array");

const KIND_NAMES: ReadonlySet<string> = new Set(KINDS.values());

const INSTANCE = "instance";

/** How the codec's library looks at a value, where its own way would lose something or show too much. */
export const introspection = {
  tagOf: (value: object): string => KINDS.get(Object.getPrototypeOf(value)) ?? kindInAnotherRealm(value),

  // The library would write the whole buffer under a view: bytes that nobody asked for, from Node's shared pool in the worst case.
  viewInfo: (view: ArrayBufferView & { readonly length?: number }) => {
    const whole = view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength;
    const buffer = whole
      ? view.buffer
      : new Uint8Array(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).buffer;
    return {
      buffer,
      byteOffset: 0,
      byteLength: view.byteLength,
      length: view.length ?? view.byteLength,
      bufferByteLength: view.byteLength,
    };
  },
};

/** Test runners with their own realm (`node:vm`) have an `Object` of their own. */
function kindInAnotherRealm(value: object): string {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const name: unknown = Object.getPrototypeOf(value).constructor?.name;
  return kind === name && KIND_NAMES.has(kind) ? kind : INSTANCE;
}

/** "a function", "an instance of the class Sale; …": what a value is that no codec takes, and what to do. */
export function describeRefused(value: unknown): string {
  if (typeof value === "function") return value.name === "" ? "a function" : `a function (${value.name})`;
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  if (typeof (value as PromiseLike<unknown>).then === "function") return "a promise; await it first";
  if (value instanceof Error) return `an Error (${value.name}); pass its message`;
  if (isStream(value)) return "a stream; write it with ctx.artifact(name).write(…) and pass the reference";
  if (Object.hasOwn(value, "__proto__")) return 'an object with a key "__proto__"';
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (name === undefined || name === "Object") return "an object with a symbol as a key";
  return `an instance of the class ${typeof name === "string" ? name : "of no name"}; pass its plain fields`;
}

const isStream = (value: object): boolean =>
  value instanceof ReadableStream ||
  value instanceof WritableStream ||
  typeof (value as { pipe?: unknown }).pipe === "function" ||
  Symbol.asyncIterator in value;
