export interface Frame {
  /** A WebP picture. */
  readonly webp: Buffer;
  readonly ms: number;
}

/** Frames of one size as one animated WebP, for ever from the beginning: a container of the pictures that a browser made. */
export function movingPicture(frames: readonly Frame[], { width, height }: { width: number; height: number }): Buffer {
  const extended = Buffer.alloc(10);
  extended[0] = 0b10; // animated
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const chunks = [
    chunk("VP8X", extended),
    chunk("ANIM", Buffer.from([255, 255, 255, 255, 0, 0])),
    ...frames.map(({ webp, ms }) => chunk("ANMF", Buffer.concat([frameHead(width, height, ms), imageOf(webp)]))),
  ];
  const body = Buffer.concat([Buffer.from("WEBP"), ...chunks]);
  return Buffer.concat([Buffer.from("RIFF"), uint32(body.length), body]);
}

function frameHead(width: number, height: number, ms: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUIntLE(width - 1, 6, 3);
  head.writeUIntLE(height - 1, 9, 3);
  head.writeUIntLE(ms, 12, 3);
  head[15] = 0b10; // over what was there, without blending
  return head;
}

/** Of a picture, the chunk that is the image, without its container. */
function imageOf(webp: Buffer): Buffer {
  for (let at = 12; at < webp.length;) {
    const name = webp.toString("latin1", at, at + 4);
    const length = webp.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    if (name === "VP8 " || name === "VP8L") return webp.subarray(at, end);
    at = end;
  }
  throw new Error("The browser made a WebP without an image.");
}

const chunk = (name: string, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from(name), uint32(data.length), data, Buffer.alloc(data.length % 2)]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
