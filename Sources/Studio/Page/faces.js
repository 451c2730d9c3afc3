// Faces from random vectors: a seed's, as a grid or as a walk from face to face.

import { api } from "./api.js";
import { byId, choices, element, showError, stillMotion } from "./elements.js";

const columns = 8; // of the sheets that the server sends

export class Faces {
  constructor(studio) {
    this.studio = studio;
    this.networks = [];
    this.tiles = [];
    this.seed = choices.get("faces seed", 1);
    byId("faces-new").addEventListener("click", () => this.#setSeed(1 + Math.floor(Math.random() * 999999)));
    byId("faces-seed").addEventListener("change", event => this.#setSeed(Number(event.target.value)));
    for (const id of ["faces-network", "faces-form", "faces-truncation"]) {
      byId(id).addEventListener("change", () => this.#make());
    }
    byId("faces-truncation").addEventListener("input", event => this.#showTruncation(event.target));
    byId("faces-play").addEventListener("click", () => (this.timer ? this.#stop() : this.#play()));
    byId("face-fill").addEventListener("click", () => this.#openToFill());
    this.#showTruncation(byId("faces-truncation"));
  }

  // The networks that make faces; the view is offered where there is one.
  setNetworks(networks) {
    this.networks = networks.filter(network => network.sample);
    byId("tab-faces").hidden = this.networks.length === 0;
    const select = byId("faces-network");
    const chosen = select.value;
    select.replaceChildren(...this.networks.map(network => element(
      "option", { value: network.id }, `${network.name}, ${network.detail}`)));
    if (this.networks.some(network => network.id === chosen)) select.value = chosen;
    byId("faces-network-row").hidden = this.networks.length < 2;
  }

  show() {
    byId("faces-seed").value = this.seed;
    if (!this.tiles.length) this.#make();
  }

  hide() { this.#stop(); }

  #setSeed(seed) {
    this.seed = Number.isSafeInteger(seed) && seed >= 0 ? seed : 1;
    byId("faces-seed").value = this.seed;
    choices.set("faces seed", this.seed);
    this.#make();
  }

  #showTruncation(input) {
    const value = Number(input.value);
    byId("faces-truncation-text").textContent = value === 100 ? "as trained" : (value / 100).toFixed(2);
  }

  async #make() {
    this.#stop();
    const isWalk = byId("faces-form").value === "walk";
    const values = {
      network: byId("faces-network").value, seed: this.seed, truncation: byId("faces-truncation").value,
      ...isWalk ? { count: 6, walk: 16 } : { count: byId("faces-form").value },
    };
    const count = isWalk ? 5 * 16 + 1 : Number(values.count);
    this.making?.abort();
    const { signal } = this.making = new AbortController();
    byId("faces-grid").setAttribute("aria-busy", "true");
    try {
      const sheet = await createImageBitmap(await api.faces(values, signal));
      if (signal.aborted) return;
      const side = sheet.width / Math.min(columns, count);
      this.tiles = Array.from({ length: count }, (_, index) => {
        const canvas = element("canvas", { width: side, height: side });
        canvas.getContext("2d", { alpha: false }).drawImage(
          sheet, index % columns * side, Math.floor(index / columns) * side, side, side, 0, 0, side, side);
        return canvas;
      });
      sheet.close();
      if (isWalk) this.#showWalk();
      else this.#showGrid();
    } catch (error) {
      showError(error);
    } finally {
      if (this.making.signal === signal) byId("faces-grid").removeAttribute("aria-busy");
    }
  }

  #showGrid() {
    byId("faces-play").hidden = true;
    byId("faces-grid").className = "faces-grid";
    byId("faces-grid").replaceChildren(...this.tiles.map((canvas, index) => element(
      "button", { class: "face", title: `Face ${index + 1} of seed ${this.seed}`,
        "aria-label": `Face ${index + 1} of seed ${this.seed}`, onclick: () => this.#open(index) }, canvas)));
  }

  #showWalk() {
    const { width, height } = this.tiles[0];
    const stage = element("canvas", { width, height });
    const slider = element("input", {
      type: "range", min: 0, max: this.tiles.length - 1, step: 0.01, value: "0", "aria-label": "Where on the walk",
      oninput: event => { this.#stop(); this.#draw(Number(event.target.value)); },
    });
    this.walk = { stage, slider };
    byId("faces-grid").className = "faces-walk";
    byId("faces-grid").replaceChildren(
      element("button", {
        class: "face", "aria-label": "The present face, larger", onclick: () => this.#open(Math.round(slider.value)),
      }, stage), slider);
    byId("faces-play").hidden = false;
    this.#draw(0);
    if (!stillMotion()) this.#play();
  }

  // Between two pictures of the walk one fades into the other.
  #draw(position) {
    const pen = this.walk.stage.getContext("2d"), index = Math.floor(position), part = position - index;
    pen.globalAlpha = 1;
    pen.drawImage(this.tiles[index], 0, 0);
    if (part > 0 && index + 1 < this.tiles.length) {
      pen.globalAlpha = part;
      pen.drawImage(this.tiles[index + 1], 0, 0);
    }
    this.walk.slider.value = String(position);
  }

  #play() {
    const start = performance.now(), from = Number(this.walk.slider.value), end = this.tiles.length - 1;
    byId("faces-play").querySelector("span").textContent = "Pause";
    const step = time => {
      // There and back again, eight pictures a second.
      const way = (from + Math.max(0, time - start) * 0.008) % (2 * end);
      this.#draw(way <= end ? way : 2 * end - way);
      this.timer = requestAnimationFrame(step);
    };
    this.timer = requestAnimationFrame(step);
  }

  #stop() {
    cancelAnimationFrame(this.timer);
    this.timer = null;
    byId("faces-play").querySelector("span").textContent = "Play";
  }

  #open(index) {
    this.chosen = index;
    const tile = this.tiles[index];
    const canvas = byId("face-large");
    [canvas.width, canvas.height] = [tile.width, tile.height];
    canvas.getContext("2d").drawImage(tile, 0, 0);
    const isWalk = byId("faces-form").value === "walk";
    this.name = `face-${this.seed}-${isWalk ? "walk-" : ""}${index + 1}.png`;
    byId("face-title").textContent = isWalk ? `A face of seed ${this.seed}` : `Face ${index + 1} of seed ${this.seed}`;
    byId("face-save").download = this.name;
    byId("face-save").href = tile.toDataURL("image/png");
    byId("face-dialog").showModal();
  }

  #openToFill() {
    byId("face-dialog").close();
    this.tiles[this.chosen].toBlob(blob => {
      this.studio.showView("fill");
      this.studio.openFile(new File([blob], this.name, { type: "image/png" }));
    }, "image/png");
  }
}
