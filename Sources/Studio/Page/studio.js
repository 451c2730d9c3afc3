// The studio: opens pictures and ties the parts of the page together.

import { api } from "./api.js";
import { Stage } from "./canvas.js";
import { ask, byId, choices, drawIcons, element, showError, toast } from "./elements.js";
import { Faces } from "./faces.js";
import { Fills } from "./fills.js";
import { History } from "./history.js";
import { listenForKeys, showHelp } from "./keys.js";
import { Mask } from "./mask.js";
import { Picture } from "./picture.js";
import { Runs } from "./runs.js";
import { Saving } from "./save.js";
import { Tools } from "./tools.js";

const partNames = {
  left_eye: "Left eye", right_eye: "Right eye", eyes: "Eyes", nose: "Nose", mouth: "Mouth", lower_face: "Lower face",
};

class Studio {
  constructor() {
    this.view = "fill";
    this.status = { saves: false };
    this.picture = this.mask = null;
    this.networks = [];
    this.frames = [];
    this.frameIndex = -1;
    this.stage = new Stage();
    this.history = new History(() => this.changed({}));
    this.tools = new Tools(this.stage, this.history, change => this.changed(change));
    this.fills = new Fills(this);
    this.saving = new Saving(this);
    this.faces = new Faces(this);
    this.runs = new Runs();
    this.stage.zoomed = scale => {
      byId("zoom-text").textContent = `${Math.round(scale * (devicePixelRatio || 1) * 100)} %`;
      this.fills.stageMoved();
      this.tools.showSize();
      this.#placeDivider();
    };
    drawIcons();
    listenForKeys(this);
    this.#listen();
  }

  async start() {
    this.tools.choose("brush");
    const wanted = location.hash.slice(1);
    this.showView(wanted === "runs" ? wanted : "fill");
    try {
      this.status = await api.status();
    } catch (error) { return showError(error); }
    if (this.status.has_folder) api.folder().then(entries => this.#showFolder(entries), showError);
    if (this.status.has_masks) api.masks().then(entries => this.#showMasks(entries), showError);
    await this.#loadNetworks();
    if (wanted === "faces" && this.faces.networks.length) this.showView(wanted);
    setInterval(() => { if (!document.hidden && this.view === "fill") this.#loadNetworks(); }, 8000);
  }

  // Opening

  chooseFile() { byId("file").click(); }

  async openFile(file) {
    if (!file) return;
    await this.#open(signal => this.#upload(file, signal), URL.createObjectURL(file));
    this.frameIndex = -1;
    this.#markFrame();
  }

  // What the studio does not read the browser may: then it is sent as PNG.
  async #upload(file, signal) {
    const name = file.name || "pasted.png";
    try {
      return await api.open(file, name, signal);
    } catch (error) {
      if (error.status !== 415) throw error;
      let bitmap;
      try { bitmap = await createImageBitmap(file); } catch { throw error; }
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      const png = await canvas.convertToBlob({ type: "image/png" });
      toast(`${name} was turned into a PNG by the browser.`);
      return api.open(png, `${name.replace(/\.[^.]*$/, "")}.png`, signal);
    }
  }

  async #open(load) {
    if (this.picture?.isUnsaved && await ask(byId("leave-dialog")) !== "leave") return false;
    this.opening?.abort();
    const { signal } = this.opening = new AbortController();
    document.body.classList.add("opening");
    try {
      const facts = await load(signal);
      const view = await api.view(facts.id, signal);
      const bitmap = await createImageBitmap(view, { colorSpaceConversion: "none" });
      if (signal.aborted) return false;
      this.#show(facts, bitmap);
      return true;
    } catch (error) {
      showError(error);
      return false;
    } finally {
      if (this.opening?.signal === signal) document.body.classList.remove("opening");
    }
  }

  #show(facts, bitmap) {
    this.fills.leave();
    if (this.picture) {
      const old = this.picture;
      old.close();
      api.close(old.facts.id);
    }
    this.picture = new Picture(facts, bitmap);
    this.mask = new Mask(facts.width, facts.height);
    this.history = this.tools.history = new History(() => this.changed({}));
    byId("welcome").hidden = true;
    byId("stage").hidden = byId("tools").hidden = false;
    document.body.classList.add("has-picture");
    this.tools.place = null;
    this.setCompare(false);
    this.stage.open(this.picture, this.mask);
    this.tools.showSize();
    byId("title").textContent = facts.name;
    document.title = `${facts.name} · inpaint studio`;
    const channels = { 1: "grey", 3: "colour", 4: "colour with transparency" }[facts.channels];
    byId("facts").replaceChildren(...[
      ["Size", `${facts.width} × ${facts.height}`], ["File", facts.format.toUpperCase()],
      ["Colours", `${channels}, ${facts.bits} bit`],
    ].flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
    byId("parts-section").hidden = facts.parts.length === 0;
    byId("parts").replaceChildren(...facts.parts.map(name => element(
      "button", { onclick: () => this.#addMask(api.part(facts.id, name)) }, partNames[name] ?? name)));
    byId("region").value = facts.width * facts.height > 512 * 512 ? "hole" : "auto";
    byId("masks").value = "";
    this.stage.node.focus({ preventScroll: true });
    this.changed({});
  }

  // The folder

  #showFolder(entries) {
    this.frames = entries;
    byId("film").hidden = entries.length === 0;
    byId("frames").replaceChildren(...entries.map((entry, index) => element(
      "button", { class: "frame", role: "listitem", title: entry.name, "aria-label": entry.name, onclick: () => this.openFrame(index) },
      element("img", { src: api.thumbnail(entry.id), alt: "", loading: "lazy", decoding: "async" }))));
  }

  async openFrame(index) {
    const entry = this.frames[index];
    if (!entry) return;
    if (await this.#open(signal => api.openFromFolder(entry.id, signal))) {
      this.frameIndex = index;
      this.#markFrame();
    }
  }

  step(count) {
    if (!this.frames.length) return;
    const next = this.frameIndex < 0 ? 0 : this.frameIndex + count;
    if (next >= 0 && next < this.frames.length) this.openFrame(next);
  }

  #markFrame() {
    [...byId("frames").children].forEach((frame, index) => {
      const isShown = index === this.frameIndex;
      if (isShown) frame.setAttribute("aria-current", "true");
      else frame.removeAttribute("aria-current");
      if (isShown) frame.scrollIntoView({ block: "nearest", inline: "center", behavior: this.stage.isStill ? "auto" : "smooth" });
    });
    byId("previous").disabled = this.frameIndex <= 0;
    byId("next").disabled = this.frameIndex >= this.frames.length - 1;
  }

  // Networks

  async #loadNetworks() {
    let all;
    try { all = await api.networks(); } catch { return; }
    if (JSON.stringify(all) === this.told) return;
    this.told = JSON.stringify(all);
    this.faces.setNetworks(all);
    const networks = all.filter(network => network.fills);
    const isFirst = this.networks.length === 0;
    const had = this.networks.some(network => network.kind === "network");
    const chosen = new Set(isFirst ? choices.get("networks", []) : this.chosenNetworks().map(network => network.id));
    this.networks = networks;
    if (!networks.some(network => chosen.has(network.id))) chosen.add(networks[0].id);
    const has = networks.some(network => network.kind === "network");
    if (!had && has && !isFirst) {
      chosen.clear();
      chosen.add(networks[0].id);
      toast(`The network ${networks[0].name} is there.`);
    }
    byId("no-network").hidden = has;
    byId("networks").replaceChildren(...networks.map(network => element(
      "label", { class: "network" },
      element("input", {
        type: "checkbox", value: network.id, checked: chosen.has(network.id),
        onchange: () => {
          choices.set("networks", this.chosenNetworks().map(one => one.id));
          this.changed({});
        },
      }),
      element("span", {}, element("b", {}, network.name), element("small", {}, network.detail)))));
    this.changed({});
  }

  chosenNetworks() {
    const ids = new Set([...document.querySelectorAll("#networks input:checked")].map(box => box.value));
    return this.networks.filter(network => ids.has(network.id));
  }

  // The mask

  changeMask(kind) {
    if (!this.picture) return;
    const step = Math.max(1, Math.round(Math.min(this.picture.width, this.picture.height) / 200));
    const { mask } = this;
    this.tools.record({
      invert: () => mask.invert(), clear: () => mask.clear(), grow: () => mask.grow(step), shrink: () => mask.grow(-step),
    }[kind]());
  }

  maskAgain() {
    const { lastMask } = this.fills;
    const isSame = lastMask && lastMask.box.x + lastMask.box.width <= this.picture.width
      && lastMask.box.y + lastMask.box.height <= this.picture.height;
    if (isSame) this.tools.record(this.mask.add(lastMask));
  }

  async #addMask(promise) {
    const { mask } = this;
    try {
      const change = await mask.addPicture(await promise);
      if (mask === this.mask) this.tools.record(change);
    } catch (error) { showError(error); }
  }

  #showMasks(entries) {
    byId("masks-row").hidden = entries.length === 0;
    byId("masks").replaceChildren(
      element("option", { value: "" }, "choose …"),
      ...entries.map(entry => element("option", { value: entry.id }, entry.name)));
  }

  async #storeMask() {
    if (!this.picture) return;
    const url = URL.createObjectURL(await this.mask.png());
    const name = this.picture.facts.name.replace(/\.[^.]*$/, "");
    element("a", { href: url, download: `${name}-mask.png` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  // Before and after

  toggleCompare() { if (this.picture?.result || this.stage.split != null) this.setCompare(this.stage.split == null); }

  setCompare(isOn) {
    this.stage.split = isOn ? 0.5 : null;
    byId("compare").setAttribute("aria-pressed", String(isOn));
    byId("divider").hidden = byId("badge-before").hidden = byId("badge-after").hidden = !isOn;
    this.#placeDivider();
    this.stage.redraw();
  }

  holdOriginal(isHeld) {
    if (!this.picture || this.stage.showsOriginal === isHeld) return;
    this.stage.showsOriginal = isHeld;
    byId("badge-before").hidden = !isHeld && this.stage.split == null;
    this.#placeDivider();
    this.stage.redraw();
  }

  #placeDivider() {
    if (this.stage.split == null || !this.picture) return;
    const { stage, picture } = this;
    const at = Math.round(stage.x + picture.width * stage.scale * stage.split);
    const top = Math.max(0, stage.y), bottom = Math.min(stage.node.clientHeight, stage.y + picture.height * stage.scale);
    const divider = byId("divider");
    divider.style.left = `${at}px`;
    divider.style.top = `${top}px`;
    divider.style.height = `${Math.max(0, bottom - top)}px`;
    divider.setAttribute("aria-valuenow", String(Math.round(100 * stage.split)));
  }

  #moveDivider(split) {
    this.stage.split = Math.min(1, Math.max(0, split));
    this.#placeDivider();
    this.stage.redraw();
  }

  undo() { this.history.undo(); }
  redo() { this.history.redo(); }

  // Something has changed: the page follows.
  changed({ endsStroke = false }) {
    const { picture, mask, history, fills } = this;
    byId("undo").disabled = !history.canUndo;
    byId("redo").disabled = !history.canRedo;
    byId("fill").disabled = !picture || mask.isEmpty || this.chosenNetworks().length === 0;
    byId("save").disabled = byId("copy").disabled = !picture?.result;
    byId("compare").disabled = !picture?.result && this.stage.split == null;
    byId("again").disabled = !picture || !fills?.lastMask;
    for (const id of ["invert", "mask-open", "parts"]) byId(id).disabled = !picture;
    for (const id of ["grow", "shrink", "clear", "mask-save"]) byId(id).disabled = !picture || mask.isEmpty;
    byId("variants-row").hidden = !this.chosenNetworks().some(network => network.variants);
    document.body.classList.toggle("can-fill", !byId("fill").disabled);
    if (picture && !picture.result && this.stage.split != null) this.setCompare(false);
    clearTimeout(this.automatic);
    if (endsStroke && byId("automatic").checked) {
      this.automatic = setTimeout(() => { if (!this.tools.stroke) fills.fill(); }, 250);
    }
  }

  showView(name) {
    this.view = name;
    for (const other of ["fill", "faces", "runs"]) {
      byId(`view-${other}`).hidden = other !== name;
      const tab = byId(`tab-${other}`);
      tab.setAttribute("aria-selected", String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
    }
    document.body.dataset.view = name;
    history.replaceState(null, "", name === "fill" ? location.pathname + location.search : `#${name}`);
    if (name === "faces") this.faces.show();
    else this.faces.hide();
    if (name === "runs") this.runs.show();
    else this.runs.hide();
  }

  #listen() {
    const click = (id, action) => byId(id).addEventListener("click", action);
    click("open", () => this.chooseFile());
    click("welcome-open", () => this.chooseFile());
    click("help", showHelp);
    click("undo", () => this.undo());
    click("redo", () => this.redo());
    click("compare", () => this.toggleCompare());
    click("fill", () => this.fills.fill());
    click("zoom-in", () => this.stage.zoom(1.25));
    click("zoom-out", () => this.stage.zoom(0.8));
    click("zoom-fit", () => this.stage.fit());
    click("previous", () => this.step(-1));
    click("next", () => this.step(1));
    click("again", () => this.maskAgain());
    click("mask-open", () => byId("mask-file").click());
    click("mask-save", () => this.#storeMask());
    click("more", () => {
      const isOpen = document.body.classList.toggle("panel-open");
      byId("more").setAttribute("aria-expanded", String(isOpen));
    });
    for (const kind of ["invert", "grow", "shrink", "clear"]) click(kind, () => this.changeMask(kind));
    for (const button of document.querySelectorAll("[data-tool]")) {
      button.addEventListener("click", () => this.tools.choose(button.dataset.tool));
    }
    for (const button of document.querySelectorAll("dialog [data-close]")) {
      button.addEventListener("click", () => button.closest("dialog").close());
    }
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
    }
    byId("size").addEventListener("input", event => { this.tools.sizeSteps = Number(event.target.value); });
    byId("automatic").checked = choices.get("automatic", false);
    byId("automatic").addEventListener("change", event => choices.set("automatic", event.target.checked));
    const picked = (id, action) => byId(id).addEventListener("change", event => {
      const file = event.target.files[0];
      event.target.value = "";
      if (file) action(file);
    });
    picked("file", file => this.openFile(file));
    picked("mask-file", file => this.#addMask(api.mask(this.picture.facts.id, file)));
    byId("masks").addEventListener("change", event => {
      if (event.target.value && this.picture) this.#addMask(api.maskFromFolder(event.target.value, this.picture.facts.id));
    });
    byId("variants").value = choices.get("variants", "4");
    byId("variants").addEventListener("change", event => choices.set("variants", event.target.value));
    for (const name of ["fill", "faces", "runs"]) click(`tab-${name}`, () => this.showView(name));
    this.#listenForArrows(".tabs", "[role=tab]");
    this.#listenForArrows("[role=radiogroup][aria-label=Tool]", "[role=radio]");
    byId("frames").addEventListener("wheel", event => {
      if (event.deltaX || !event.deltaY) return;
      event.preventDefault();
      byId("frames").scrollLeft += event.deltaY;
    }, { passive: false });
    this.#listenForFiles();
    this.#listenForDivider();
    addEventListener("beforeunload", event => { if (this.picture?.isUnsaved) event.preventDefault(); });
  }

  // Arrow keys move inside a group of which one element is chosen.
  #listenForArrows(group, items) {
    document.querySelector(group).addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const all = [...document.querySelectorAll(`${group} ${items}`)];
      const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
      next.focus();
      next.click();
    });
  }

  #listenForFiles() {
    const veil = byId("drop-veil");
    let depth = 0;
    const hasFiles = event => [...event.dataTransfer?.types ?? []].includes("Files");
    addEventListener("dragenter", event => { if (hasFiles(event)) { depth += 1; veil.hidden = false; } });
    addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (depth === 0) veil.hidden = true; });
    addEventListener("dragover", event => { if (hasFiles(event)) event.preventDefault(); });
    addEventListener("drop", event => {
      depth = 0;
      veil.hidden = true;
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.showView("fill");
      this.openFile(event.dataTransfer.files[0]);
    });
    addEventListener("paste", event => {
      if (event.target.closest?.("input[type=text]")) return;
      const file = [...event.clipboardData?.files ?? []].find(one => one.type.startsWith("image/"));
      if (file) this.openFile(file);
    });
    addEventListener("copy", event => {
      if (this.view !== "fill" || !this.picture?.result || String(getSelection()) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.saving.copy();
    });
    byId("copy").addEventListener("click", event => event.stopPropagation());
  }

  #listenForDivider() {
    const divider = byId("divider");
    divider.addEventListener("pointerdown", event => {
      event.preventDefault();
      event.stopPropagation();
      divider.setPointerCapture(event.pointerId);
      divider.classList.add("held");
    });
    divider.addEventListener("pointermove", event => {
      if (!divider.classList.contains("held")) return;
      this.#moveDivider(this.stage.toPicture(event).x / this.picture.width);
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      divider.addEventListener(kind, () => divider.classList.remove("held"));
    }
    divider.addEventListener("keydown", event => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      this.#moveDivider(this.stage.split + step);
    });
  }
}

const studio = new Studio();
// For tests, and for the curious.
window.studio = studio;
studio.start();
