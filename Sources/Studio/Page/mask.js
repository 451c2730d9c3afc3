// The mask: which pixels are to be filled. A plane of 0 and 1, and a canvas that shows it in white.

export class Mask {
  constructor(width, height) {
    [this.width, this.height] = [width, height];
    this.plane = new Uint8Array(width * height);
    this.surface = new OffscreenCanvas(width, height);
    // In main memory: it is read after every stroke.
    this.pen = this.surface.getContext("2d", { willReadFrequently: true });
    this.pen.fillStyle = this.pen.strokeStyle = "#fff";
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.count = 0;
  }

  get isEmpty() { return this.count === 0; }

  // Drawing goes to the canvas at once; `commit` makes it part of the mask.

  line(from, to, size, isErasing) {
    const pen = this.pen;
    pen.globalCompositeOperation = isErasing ? "destination-out" : "source-over";
    if (size < 3) return this.#pixels(from, to, Math.round(size));
    pen.lineWidth = size;
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y + (from.x === to.x && from.y === to.y ? 1e-3 : 0));
    pen.stroke();
    return around([from, to], size / 2 + 2);
  }

  // Thin strokes pixel by pixel, since smooth edges would leave half of them out.
  #pixels(from, to, size) {
    const side = Math.max(1, size);
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))));
    for (let step = 0; step <= steps; step += 1) {
      const x = from.x + (to.x - from.x) * step / steps, y = from.y + (to.y - from.y) * step / steps;
      this.pen.fillRect(Math.floor(x - (side - 1) / 2), Math.floor(y - (side - 1) / 2), side, side);
    }
    return around([from, to], side + 1);
  }

  area(points, isErasing) {
    const pen = this.pen;
    pen.globalCompositeOperation = isErasing ? "destination-out" : "source-over";
    pen.beginPath();
    points.forEach((point, index) => index ? pen.lineTo(point.x, point.y) : pen.moveTo(point.x, point.y));
    pen.closePath();
    pen.fill();
    return around(points, 2);
  }

  // Takes what was drawn in a box into the mask; the change, or null where there is none.
  commit(box) {
    box = this.#clipped(box);
    if (!box) return null;
    const drawn = this.pen.getImageData(box.x, box.y, box.width, box.height).data;
    const next = new Uint8Array(box.width * box.height);
    for (let index = 0; index < next.length; index += 1) next[index] = drawn[index * 4 + 3] >= 128 ? 1 : 0;
    return this.#replace(box, next);
  }

  // Forgets what was drawn in a box since the last commit.
  revert(box) {
    box = this.#clipped(box);
    if (box) this.#show(box, this.#cut(box));
  }

  // Whole-mask changes; each returns its change, or null.

  clear() {
    const box = this.bounds();
    return box && this.#replace(box, new Uint8Array(box.width * box.height));
  }

  invert() { return this.#replace(this.#all(), this.plane.map(value => 1 - value)); }

  add(runs) { return this.#combine(runs, value => value); }
  subtract(runs) { return this.#combine(runs, value => value ? 0 : null); }

  #combine({ box, runs }, change) {
    const now = this.#cut(box);
    unpacked(runs, now.length).forEach((value, index) => {
      const next = value ? change(value) : null;
      if (next != null) now[index] = next;
    });
    return this.#replace(box, now);
  }

  // A mask picture of this size, white = hole.
  async addPicture(blob) {
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
    const canvas = new OffscreenCanvas(this.width, this.height);
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(bitmap, 0, 0);
    bitmap.close();
    const data = pen.getImageData(0, 0, this.width, this.height).data;
    const next = this.plane.slice();
    for (let index = 0; index < next.length; index += 1) if (data[index * 4] >= 128) next[index] = 1;
    return this.#replace(this.#all(), next);
  }

  // Moves the border of the holes outwards, or inwards where the distance is negative.
  grow(distance) {
    const inside = this.bounds();
    if (!inside) return null;
    const reach = Math.abs(distance), isGrowing = distance > 0;
    const box = this.#clipped({
      x: inside.x - reach, y: inside.y - reach,
      width: inside.width + 2 * reach, height: inside.height + 2 * reach,
    });
    const now = this.#cut(box), { width, height } = box;
    // Shrinking is growing of what is outside; beyond the picture's edge nothing is known.
    const sought = isGrowing ? 1 : 0;
    const vertical = new Uint16Array(now.length).fill(reach + 1);
    for (let x = 0; x < width; x += 1) {
      for (const [start, end, step] of [[0, height, 1], [height - 1, -1, -1]]) {
        let distance = reach + 1;
        for (let y = start; y !== end; y += step) {
          const index = y * width + x;
          distance = now[index] === sought ? 0 : Math.min(distance + 1, reach + 1);
          if (distance < vertical[index]) vertical[index] = distance;
        }
      }
    }
    const next = now.slice();
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const index = y * width + x;
        if (now[index] === sought) continue;
        for (let dx = -reach; dx <= reach; dx += 1) {
          if (x + dx < 0 || x + dx >= width) continue;
          const dy = vertical[index + dx];
          if (dx * dx + dy * dy <= reach * reach) { next[index] = sought; break; }
        }
      }
    }
    return this.#replace(box, next);
  }

  // Changes: a box with the pixels before and after, packed.

  undo({ box, before }) { this.#set(box, unpacked(before, box.width * box.height)); }
  redo({ box, after }) { this.#set(box, unpacked(after, box.width * box.height)); }

  // All holes, packed; null where there are none.
  packed() {
    const box = this.bounds();
    return box && { box, runs: packed(this.#cut(box)) };
  }

  bounds() {
    const { width, height, plane } = this;
    let top = -1, bottom = -1, left = width, right = -1;
    for (let y = 0; y < height; y += 1) {
      const row = plane.subarray(y * width, (y + 1) * width);
      const first = row.indexOf(1);
      if (first < 0) continue;
      if (top < 0) top = y;
      bottom = y;
      left = Math.min(left, first);
      right = Math.max(right, row.lastIndexOf(1));
    }
    return top < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  }

  // The mask as a PNG of one bit a pixel.
  png() { return bilevelPNG(this.plane, this.width, this.height); }

  #all() { return { x: 0, y: 0, width: this.width, height: this.height }; }

  #clipped({ x, y, width, height }) {
    const left = Math.max(0, Math.floor(x)), top = Math.max(0, Math.floor(y));
    const right = Math.min(this.width, Math.ceil(x + width)), bottom = Math.min(this.height, Math.ceil(y + height));
    return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null;
  }

  #cut({ x, y, width, height }) {
    const result = new Uint8Array(width * height);
    for (let row = 0; row < height; row += 1) {
      const start = (y + row) * this.width + x;
      result.set(this.plane.subarray(start, start + width), row * width);
    }
    return result;
  }

  #replace(box, next) {
    const before = this.#cut(box);
    this.#set(box, next);
    if (before.every((value, index) => value === next[index])) return null;
    return { box, before: packed(before), after: packed(next) };
  }

  #set(box, values) {
    const { x, y, width, height } = box;
    for (let row = 0; row < height; row += 1) {
      const start = (y + row) * this.width + x;
      const own = values.subarray(row * width, (row + 1) * width);
      for (let column = 0; column < width; column += 1) {
        this.count += own[column] - this.plane[start + column];
      }
      this.plane.set(own, start);
    }
    this.#show(box, values);
  }

  #show({ x, y, width, height }, values) {
    const pixels = new ImageData(width, height);
    const words = new Uint32Array(pixels.data.buffer);
    for (let index = 0; index < words.length; index += 1) if (values[index]) words[index] = 0xFFFFFFFF;
    this.pen.putImageData(pixels, x, y);
  }
}

// Lengths of runs of 0, 1, 0 ...
function packed(values) {
  const runs = [];
  let value = 0, start = 0;
  while (start < values.length) {
    let end = values.indexOf(1 - value, start);
    if (end < 0) end = values.length;
    runs.push(end - start);
    [start, value] = [end, 1 - value];
  }
  return Uint32Array.from(runs);
}

function unpacked(runs, length) {
  const values = new Uint8Array(length);
  let start = 0;
  runs.forEach((run, index) => {
    if (index % 2) values.fill(1, start, start + run);
    start += run;
  });
  return values;
}

export function around(points, margin) {
  const xs = points.map(point => point.x), ys = points.map(point => point.y);
  const left = Math.min(...xs) - margin, top = Math.min(...ys) - margin;
  return { x: left, y: top, width: Math.max(...xs) + margin - left, height: Math.max(...ys) + margin - top };
}

export function union(a, b) {
  if (!a || !b) return a || b;
  const x = Math.min(a.x, b.x), y = Math.min(a.y, b.y);
  return {
    x, y, width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

// PNG, ISO/IEC 15948: grey, one bit a pixel.
async function bilevelPNG(plane, width, height) {
  const stride = 1 + Math.ceil(width / 8);
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const row = plane.subarray(y * width, (y + 1) * width);
    for (let x = row.indexOf(1); x >= 0 && x < width; x += 1) {
      if (row[x]) rows[y * stride + 1 + (x >> 3)] |= 0x80 >> (x & 7);
    }
  }
  const stream = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = new Uint8Array(await new Response(stream).arrayBuffer());
  const header = new Uint8Array(13);
  const numbers = new DataView(header.buffer);
  numbers.setUint32(0, width);
  numbers.setUint32(4, height);
  header[8] = 1;
  return new Blob([
    Uint8Array.of(0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A),
    chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", new Uint8Array()),
  ], { type: "image/png" });
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xEDB88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function chunk(type, data) {
  const bytes = new Uint8Array(12 + data.length);
  const numbers = new DataView(bytes.buffer);
  numbers.setUint32(0, data.length);
  for (let index = 0; index < 4; index += 1) bytes[4 + index] = type.charCodeAt(index);
  bytes.set(data, 8);
  let crc = 0xFFFFFFFF;
  for (let index = 4; index < 8 + data.length; index += 1) {
    crc = crcTable[(crc ^ bytes[index]) & 0xFF] ^ (crc >>> 8);
  }
  numbers.setUint32(8 + data.length, (crc ^ 0xFFFFFFFF) >>> 0);
  return bytes;
}
