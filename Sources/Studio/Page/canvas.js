// The stage: shows picture and mask at any scale, and turns places on the screen into pixels.
// Each frame draws only what has changed: while a brush moves, that is the box of its last piece.

import { byId, stillMotion } from "./elements.js";
import { union } from "./mask.js";

export class Stage {
  constructor() {
    this.node = byId("stage");
    this.view = byId("view");
    this.overlay = byId("overlay");
    this.viewPen = this.view.getContext("2d", { alpha: true });
    this.overlayPen = this.overlay.getContext("2d", { willReadFrequently: true });
    this.picture = this.mask = null;
    [this.scale, this.x, this.y] = [1, 0, 0];
    this.showsOriginal = false;
    this.split = null;
    this.zoomed = () => {};
    this.frameTimes = [];
    new ResizeObserver(() => this.#resize()).observe(this.node);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  }

  #isWaiting = false;
  #needsView = false;
  #dirty = null;
  #isFitted = true;

  open(picture, mask) {
    [this.picture, this.mask] = [picture, mask];
    this.split = null;
    this.#resize();
    this.fit();
  }

  // Places

  toPicture(event) {
    const box = this.node.getBoundingClientRect();
    return { x: (event.clientX - box.left - this.x) / this.scale, y: (event.clientY - box.top - this.y) / this.scale };
  }

  toScreen({ x, y }) { return { x: x * this.scale + this.x, y: y * this.scale + this.y }; }

  get fitScale() {
    const margin = this.node.clientWidth < 600 ? 12 : 36;
    return Math.min(
      (this.node.clientWidth - margin) / this.picture.width,
      (this.node.clientHeight - margin) / this.picture.height, 8);
  }

  // Small pictures are shown larger; nothing is so small that it cannot be seen.
  fit() {
    if (!this.picture) return;
    this.scale = Math.max(0.01, this.fitScale);
    this.x = (this.node.clientWidth - this.picture.width * this.scale) / 2;
    this.y = (this.node.clientHeight - this.picture.height * this.scale) / 2;
    this.#isFitted = true;
    this.#moved();
  }

  // Zooms so that the place under a point of the screen stays there.
  zoom(factor, at = { x: this.node.clientWidth / 2, y: this.node.clientHeight / 2 }) {
    const least = Math.min(this.fitScale / 2, 1);
    const next = Math.min(40, Math.max(least, this.scale * factor));
    this.x = at.x - (at.x - this.x) * next / this.scale;
    this.y = at.y - (at.y - this.y) * next / this.scale;
    this.scale = next;
    this.#isFitted = false;
    this.#moved();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#isFitted = false;
    this.#moved();
  }

  #moved() {
    // A part of the picture always stays in sight.
    const keep = 60, { clientWidth, clientHeight } = this.node;
    this.x = Math.min(clientWidth - keep, Math.max(keep - this.picture.width * this.scale, this.x));
    this.y = Math.min(clientHeight - keep, Math.max(keep - this.picture.height * this.scale, this.y));
    this.zoomed(this.scale);
    this.redraw();
  }

  // Drawing

  redraw() {
    this.#needsView = true;
    this.#dirty = { x: -1e6, y: -1e6, width: 2e6, height: 2e6 };
    this.#request();
  }

  // A box of the mask has changed.
  maskChanged(box) {
    this.#dirty = union(this.#dirty, box);
    this.#request();
  }

  #request() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    requestAnimationFrame(time => this.#frame(time));
  }

  #resize() {
    if (!this.picture || !this.node.clientWidth) return;
    const ratio = Math.min(devicePixelRatio || 1, 3);
    for (const canvas of [this.view, this.overlay]) {
      canvas.width = Math.round(this.node.clientWidth * ratio);
      canvas.height = Math.round(this.node.clientHeight * ratio);
    }
    this.ratio = ratio;
    if (this.#isFitted) this.fit();
    else this.#moved();
  }

  #frame(time) {
    this.#isWaiting = false;
    if (!this.picture) return;
    this.frameTimes.push(time);
    if (this.frameTimes.length > 2000) this.frameTimes.shift();
    if (this.#needsView) this.#drawView();
    if (this.#dirty) this.#drawOverlay(this.#dirty);
    this.#needsView = false;
    this.#dirty = null;
  }

  #drawView() {
    const pen = this.viewPen, ratio = this.ratio, scale = this.scale * ratio;
    const x = this.x * ratio, y = this.y * ratio;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.view.width, this.view.height);
    const width = this.picture.width * scale, height = this.picture.height * scale;
    if (this.picture.facts.channels === 4) this.#drawChecks(pen, x, y, width, height);
    const draw = (pyramid, left, right) => {
      pen.save();
      pen.beginPath();
      pen.rect(left, y, right - left, height);
      pen.clip();
      pyramid.draw(pen, scale, x, y);
      pen.restore();
    };
    const full = [Math.floor(x), Math.ceil(x + width)];
    if (this.showsOriginal) return draw(this.picture.original, ...full);
    if (this.split == null) return draw(this.picture.shown, ...full);
    const at = Math.round(x + width * this.split);
    draw(this.picture.original, full[0], at);
    draw(this.picture.shown, at, full[1]);
  }

  // What transparent pictures stand on.
  #drawChecks(pen, x, y, width, height) {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    if (!this.checks || this.checks.isDark !== isDark) {
      const tile = new OffscreenCanvas(20, 20), ink = tile.getContext("2d");
      ink.fillStyle = isDark ? "#2a2c31" : "#ffffff";
      ink.fillRect(0, 0, 20, 20);
      ink.fillStyle = isDark ? "#35383e" : "#e7e7e4";
      ink.fillRect(0, 0, 10, 10);
      ink.fillRect(10, 10, 10, 10);
      this.checks = { isDark, tile };
    }
    pen.fillStyle = pen.createPattern(this.checks.tile, "repeat");
    pen.fillRect(x, y, width, height);
  }

  #drawOverlay(box) {
    const pen = this.overlayPen, ratio = this.ratio, scale = this.scale * ratio;
    const { width, height } = this.overlay;
    const left = Math.max(0, Math.floor(box.x * scale + this.x * ratio) - 2);
    const top = Math.max(0, Math.floor(box.y * scale + this.y * ratio) - 2);
    const right = Math.min(width, Math.ceil((box.x + box.width) * scale + this.x * ratio) + 2);
    const bottom = Math.min(height, Math.ceil((box.y + box.height) * scale + this.y * ratio) + 2);
    if (right <= left || bottom <= top) return;
    pen.globalCompositeOperation = "copy";
    pen.save();
    pen.beginPath();
    pen.rect(left, top, right - left, bottom - top);
    pen.clip();
    pen.clearRect(left, top, right - left, bottom - top);
    pen.globalCompositeOperation = "source-over";
    if (!this.showsOriginal) {
      pen.imageSmoothingEnabled = scale < 1;
      pen.imageSmoothingQuality = "low";
      // Only the pixels that are seen in this box.
      const sx = Math.max(0, Math.floor((left - this.x * ratio) / scale) - 1);
      const sy = Math.max(0, Math.floor((top - this.y * ratio) / scale) - 1);
      const ex = Math.min(this.mask.width, Math.ceil((right - this.x * ratio) / scale) + 1);
      const ey = Math.min(this.mask.height, Math.ceil((bottom - this.y * ratio) / scale) + 1);
      if (ex > sx && ey > sy) {
        pen.drawImage(
          this.mask.surface, sx, sy, ex - sx, ey - sy,
          sx * scale + this.x * ratio, sy * scale + this.y * ratio, (ex - sx) * scale, (ey - sy) * scale);
        pen.globalCompositeOperation = "source-in";
        pen.fillStyle = getComputedStyle(this.node).getPropertyValue("--hole");
        pen.fillRect(left, top, right - left, bottom - top);
      }
    }
    pen.restore();
  }

  // Zooms to where a result is to be seen, if it is out of sight.
  reveal(box) {
    const from = this.toScreen(box), to = this.toScreen({ x: box.x + box.width, y: box.y + box.height });
    const isSeen = from.x < this.node.clientWidth && from.y < this.node.clientHeight && to.x > 0 && to.y > 0;
    if (!isSeen) this.fit();
  }

  get isStill() { return stillMotion(); }
}
