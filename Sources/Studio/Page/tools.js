// What pointer and keys do on the stage: paint, erase, mark areas, move, zoom.

import { byId, choices } from "./elements.js";
import { around, union } from "./mask.js";

export class Tools {
  constructor(stage, history, changed) {
    [this.stage, this.history, this.changed] = [stage, history, changed];
    this.tool = "brush";
    // Of the picture's longer side: the same on a small picture and on a large one.
    this.share = choices.get("size", 0.06);
    this.pointers = new Map();
    this.stroke = null;
    this.isSpaceHeld = false;
    this.place = null;
    this.isPenDown = false;
    this.#listen();
  }

  get longer() { return Math.max(this.stage.picture?.width ?? 1, this.stage.picture?.height ?? 1); }
  get size() { return Math.max(1, Math.round(this.share * this.longer)); }

  // From a pixel to a third of the picture; equal steps feel equal.
  get sizeSteps() { return 1000 * Math.log(this.size) / Math.log(Math.max(2, this.longer / 3)); }
  set sizeSteps(value) { this.setSize(Math.max(2, this.longer / 3) ** (value / 1000)); }

  setSize(size) {
    const next = Math.min(Math.max(1, Math.round(size)), Math.max(2, Math.floor(this.longer / 3)));
    this.share = next / this.longer;
    choices.set("size", this.share);
    this.showSize();
  }

  changeSize(isLarger) {
    const size = this.size, next = size * (isLarger ? 1.15 : 1 / 1.15);
    this.setSize(isLarger ? Math.max(size + 1, next) : Math.min(size - 1, next));
  }

  showSize() {
    byId("size").value = this.sizeSteps;
    byId("size-text").textContent = `${this.size} px`;
    const dot = byId("size-dot");
    const side = Math.min(24, Math.max(3, 4 + 20 * this.sizeSteps / 1000));
    dot.style.width = dot.style.height = `${side}px`;
    this.#showCursor();
  }

  choose(tool) {
    this.#cancel();
    this.tool = tool;
    for (const button of document.querySelectorAll("[data-tool]")) {
      const isChosen = button.dataset.tool === tool;
      button.setAttribute("aria-checked", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
    }
    this.stage.node.dataset.tool = tool;
    this.#showCursor();
  }

  // Pointers

  #listen() {
    const node = this.stage.node;
    node.addEventListener("pointerdown", event => this.#down(event));
    node.addEventListener("pointermove", event => this.#move(event));
    node.addEventListener("pointerup", event => this.#up(event));
    node.addEventListener("pointercancel", event => this.#up(event, true));
    node.addEventListener("pointerleave", () => { if (!this.stroke) this.#hideCursor(); });
    node.addEventListener("contextmenu", event => event.preventDefault());
    node.addEventListener("wheel", event => this.#wheel(event), { passive: false });
  }

  #isOnControl(event) { return event.target.closest(".zoom, .divider, .results"); }

  #down(event) {
    if (!this.stage.picture || this.#isOnControl(event)) return;
    event.preventDefault();
    this.stage.node.focus({ preventScroll: true });
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    try { this.stage.node.setPointerCapture(event.pointerId); } catch { /* a pointer made by a program */ }
    if (event.pointerType === "touch" && this.pointers.size === 2) {
      // Two fingers zoom and move; what the first one has begun to paint was not meant.
      this.#cancel();
      this.isPinching = true;
      return;
    }
    if (this.isPinching || this.stroke) return;
    const isMoving = event.button === 1 || this.isSpaceHeld || this.tool === "hand";
    const isErasing = event.button === 2 || event.button === 5 || event.altKey;
    this.#begin(isMoving ? "move" : this.tool, this.stage.toPicture(event), isErasing, event.pointerId);
  }

  #move(event) {
    if (!this.stage.picture) return;
    const last = this.pointers.get(event.pointerId);
    if (last && this.isPinching) return this.#pinch(event, last);
    this.place = this.stage.toPicture(event);
    if (!this.stroke || event.pointerId !== this.stroke.pointer) {
      if (this.#isOnControl(event)) this.#hideCursor();
      else this.#showCursor();
      return;
    }
    if (this.stroke.kind === "move") {
      this.stage.pan(event.clientX - last.x, event.clientY - last.y);
    } else {
      // All places that the pointer was at since the last frame: no gaps in fast strokes.
      const events = event.getCoalescedEvents?.() ?? [];
      for (const one of events.length ? events : [event]) this.#extend(this.stage.toPicture(one));
    }
    if (last) [last.x, last.y] = [event.clientX, event.clientY];
    this.#showCursor();
  }

  #pinch(event, last) {
    const [a, b] = [...this.pointers.values()];
    if (this.pointers.size !== 2) return;
    const before = { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    [last.x, last.y] = [event.clientX, event.clientY];
    const after = { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    this.stage.pan(after.x - before.x, after.y - before.y);
    const box = this.stage.node.getBoundingClientRect();
    this.stage.zoom(
      after.distance / Math.max(1, before.distance), { x: after.x - box.left, y: after.y - box.top });
  }

  #up(event, isCancelled = false) {
    this.pointers.delete(event.pointerId);
    if (this.pointers.size === 0) this.isPinching = false;
    if (this.stroke?.pointer !== event.pointerId) return;
    if (isCancelled) this.#cancel();
    else this.#end();
    if (event.pointerType === "touch") this.#hideCursor();
  }

  #wheel(event) {
    if (!this.stage.picture) return;
    event.preventDefault();
    if (event.altKey) return this.changeSize(event.deltaY < 0);
    const box = this.stage.node.getBoundingClientRect();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015));
    this.stage.zoom(factor, { x: event.clientX - box.left, y: event.clientY - box.top });
  }

  // Strokes

  #begin(kind, place, isErasing, pointer) {
    this.stroke = {
      kind, pointer, points: [place], box: null,
      isErasing: isErasing || kind === "eraser", isArea: kind === "rectangle" || kind === "lasso",
    };
    this.stage.node.classList.toggle("moving", kind === "move");
    if (!this.stroke.isArea && kind !== "move") this.#extend(place);
  }

  #extend(place) {
    const stroke = this.stroke, { mask } = this.stage;
    if (stroke.isArea) {
      if (stroke.kind === "rectangle") stroke.points = [stroke.points[0], place];
      else stroke.points.push(place);
      return this.#showSelection();
    }
    const box = mask.line(stroke.points.at(-1), place, this.size, stroke.isErasing);
    stroke.points = [place];
    stroke.box = union(stroke.box, box);
    this.stage.maskChanged(box);
  }

  #end() {
    const stroke = this.stroke, { mask } = this.stage;
    this.stroke = null;
    this.stage.node.classList.remove("moving");
    byId("selection").setAttribute("hidden", "");
    if (stroke.kind === "move") return;
    if (stroke.isArea) {
      const points = this.#outline(stroke);
      const box = around(points, 0);
      if (box.width < 1 || box.height < 1) return;
      stroke.box = mask.area(points, stroke.isErasing);
    }
    this.record(mask.commit(stroke.box));
    this.stage.maskChanged(stroke.box);
    this.changed({ endsStroke: !stroke.isErasing });
  }

  #outline({ kind, points }) {
    if (kind === "lasso") return points;
    const [a, b] = [points[0], points.at(-1)].map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
    return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
  }

  #cancel() {
    const stroke = this.stroke;
    this.stroke = null;
    this.isPenDown = false;
    byId("selection").setAttribute("hidden", "");
    this.stage.node.classList.remove("moving");
    if (stroke?.box) {
      this.stage.mask.revert(stroke.box);
      this.stage.maskChanged(stroke.box);
    }
  }

  // Escape: gives up what is being painted; whether there was anything.
  escape() {
    const had = this.stroke != null;
    this.#cancel();
    return had;
  }

  // Puts a change of the mask where it can be undone.
  record(change) {
    if (!change) return;
    const { mask } = this.stage;
    const show = () => { this.stage.maskChanged(change.box); this.changed({}); };
    this.history.add({
      undo() { mask.undo(change); show(); },
      redo() { mask.redo(change); show(); },
    });
    show();
  }

  // Keys: arrows move a cursor, X puts the pen down and takes it up.

  moveByKey(dx, dy, isFar) {
    const { picture } = this.stage;
    const from = this.place ?? { x: picture.width / 2, y: picture.height / 2 };
    const step = isFar ? Math.max(1, this.size) : Math.max(1, this.size / 4);
    this.place = {
      x: Math.min(picture.width, Math.max(0, from.x + dx * step)),
      y: Math.min(picture.height, Math.max(0, from.y + dy * step)),
    };
    if (this.isPenDown) this.#extend(this.place);
    this.#showCursor();
  }

  penByKey() {
    if (this.tool === "hand") return;
    this.place ??= { x: this.stage.picture.width / 2, y: this.stage.picture.height / 2 };
    if (this.isPenDown) {
      this.isPenDown = false;
      this.#extend(this.place);
      return this.#end();
    }
    this.isPenDown = true;
    this.#begin(this.tool, this.place, false, "keys");
    this.#showCursor();
  }

  // Marks

  #showCursor() {
    const cursor = byId("cursor");
    if (!this.place || !this.stage.picture || this.tool === "hand" || this.isSpaceHeld) return this.#hideCursor();
    const at = this.stage.toScreen(this.place);
    const isBrush = this.tool === "brush" || this.tool === "eraser";
    cursor.setAttribute("cx", at.x);
    cursor.setAttribute("cy", at.y);
    cursor.setAttribute("r", isBrush ? Math.max(2.5, this.size * this.stage.scale / 2) : 3);
    cursor.classList.toggle("down", this.isPenDown);
    cursor.removeAttribute("hidden");
  }

  #hideCursor() { byId("cursor").setAttribute("hidden", ""); }

  #showSelection() {
    const points = this.#outline(this.stroke).map(point => this.stage.toScreen(point));
    const path = byId("selection");
    path.setAttribute("d", `M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`);
    path.removeAttribute("hidden");
  }
}
