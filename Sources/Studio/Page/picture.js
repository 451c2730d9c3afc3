// The picture that is shown: the photograph, and what was filled of it.

// A picture with smaller copies of itself, each of half the sides, so that showing it small is fast.
export class Pyramid {
  constructor(source, width, height) {
    [this.width, this.height] = [width, height];
    this.levels = [];
    for (let side = 1; ; side *= 2) {
      const [w, h] = [Math.max(1, Math.ceil(width / side)), Math.max(1, Math.ceil(height / side))];
      const canvas = new OffscreenCanvas(w, h);
      this.levels.push({ canvas, pen: canvas.getContext("2d"), side });
      if (Math.max(w, h) <= 512) break;
    }
    this.levels[0].pen.drawImage(source, 0, 0);
    this.#halve({ x: 0, y: 0, width, height });
  }

  get full() { return this.levels[0].canvas; }

  // Draws into a box, and what follows from it into the smaller copies.
  change(box, draw) {
    draw(this.levels[0].pen);
    this.#halve(box);
  }

  #halve({ x, y, width, height }) {
    for (let index = 1; index < this.levels.length; index += 1) {
      const { pen, canvas, side } = this.levels[index];
      const previous = this.levels[index - 1].canvas;
      const left = Math.floor(x / side), top = Math.floor(y / side);
      const w = Math.min(canvas.width, Math.ceil((x + width) / side)) - left;
      const h = Math.min(canvas.height, Math.ceil((y + height) / side)) - top;
      pen.clearRect(left, top, w, h);
      pen.imageSmoothingQuality = "medium";
      pen.drawImage(previous, left * 2, top * 2, w * 2, h * 2, left, top, w, h);
    }
  }

  // Draws all of it; `scale` is canvas pixels for a pixel of the picture.
  draw(pen, scale, x, y) {
    let level = 0;
    while (level + 1 < this.levels.length && scale * this.levels[level + 1].side <= 1) level += 1;
    const { canvas, side } = this.levels[level];
    pen.imageSmoothingEnabled = scale < 3;
    pen.imageSmoothingQuality = "low";
    pen.drawImage(canvas, x, y, canvas.width * side * scale, canvas.height * side * scale);
  }
}

export class Picture {
  // `bitmap` is the photograph as the server shows it.
  constructor(facts, bitmap) {
    this.facts = facts;
    [this.width, this.height] = [facts.width, facts.height];
    this.bitmap = bitmap;
    this.shown = new Pyramid(bitmap, this.width, this.height);
    // The results that led to what is shown, the first one first.
    this.chain = [];
    this.savedResult = null;
  }

  get result() { return this.chain.at(-1)?.id ?? null; }
  get isUnsaved() { return this.result != null && this.result !== this.savedResult; }

  // Smaller copies of the photograph itself, made when they are first wanted.
  get original() {
    this.originalPyramid ??= new Pyramid(this.bitmap, this.width, this.height);
    return this.originalPyramid;
  }

  // Shows the photograph with other results.
  show(chain) {
    let same = 0;
    while (same < this.chain.length && same < chain.length && this.chain[same] === chain[same]) same += 1;
    const changed = [...this.chain.slice(same), ...chain.slice(same)];
    this.chain = chain;
    for (const { box } of changed) {
      this.shown.change(box, pen => {
        pen.clearRect(box.x, box.y, box.width, box.height);
        pen.drawImage(this.bitmap, box.x, box.y, box.width, box.height, box.x, box.y, box.width, box.height);
        pen.save();
        pen.beginPath();
        pen.rect(box.x, box.y, box.width, box.height);
        pen.clip();
        for (const result of chain) pen.drawImage(result.patch, result.box.x, result.box.y);
        pen.restore();
      });
    }
  }

  // A part of the picture after some results, drawn small.
  thumbnail(chain, box, canvas) {
    const pen = canvas.getContext("2d");
    const scale = canvas.width / box.width;
    pen.imageSmoothingQuality = "medium";
    pen.drawImage(
      this.bitmap, box.x, box.y, box.width, box.height, 0, 0, canvas.width, box.height * scale);
    pen.setTransform(scale, 0, 0, scale, -box.x * scale, -box.y * scale);
    for (const result of chain) pen.drawImage(result.patch, result.box.x, result.box.y);
  }

  close() {
    this.bitmap.close();
    for (const result of this.chain) result.patch.close?.();
  }
}
