/**
 * How a frame lies in bytes; all numbers are little-endian.
 *
 *     frame   magic u32, node
 *     whole   0, text of the value codec
 *     list    1, count u32, ends u48 × count, nodes
 *     record  2 (3: without a prototype), count u32, bytes of keys u32, keys as JSON, ends u48 × count, nodes
 *
 * `ends` says where each node ends, from the first node's beginning on.
 */
export const FRAME_MAGIC = 0x31_46_54_54; // "TTF1"
export const KEY_BYTES = 4;
export const OFFSET_BYTES = 6;

export const NODE = { whole: 0, list: 1, record: 2, bareRecord: 3 } as const;
