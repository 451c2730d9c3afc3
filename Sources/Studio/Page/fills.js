// Filling: sends the hole to the chosen networks, shows how far they are, and lets one choose a result.

import { api, FillEvents } from "./api.js";
import { byId, element, icon, seconds, showError, toast } from "./elements.js";

export class Fills {
  constructor(studio) {
    this.studio = studio;
    this.groups = [];
    this.lastMask = null;
    // What was told of fills before the answer that names them.
    this.early = new Map();
    this.events = new FillEvents(
      fill => this.#told(fill),
      () => { for (const job of this.#open()) api.fillState(job.id).then(fill => this.#told(fill), () => {}); });
  }

  #open() { return this.groups.flatMap(group => group.jobs).filter(job => job.id && !job.isOver); }

  get isBusy() { return this.groups.some(group => group.jobs.some(job => !job.isOver)); }

  // Sends the mask to the chosen networks.
  async fill() {
    const { stage, picture, mask } = this.studio;
    if (!picture) return;
    if (mask.isEmpty) return toast("Paint over what shall be filled first.");
    const networks = this.studio.chosenNetworks();
    if (!networks.length) return toast("Choose a network first.");
    const holes = mask.packed();
    this.lastMask = holes;
    // Every fill of such a network shows other fillings.
    const count = Number(byId("variants").value), seed = 1 + Math.floor(Math.random() * 999999);
    const wanted = networks.flatMap(network => network.variants && count > 0
      ? Array.from({ length: count }, (_, index) => ({ network, variant: index + 1, seed }))
      : [{ network }]);
    const group = {
      picture, holes, base: picture.chain, results: [], isApplied: false,
      jobs: wanted.map(one => ({ ...one, state: "sending", isOver: false, regions: 0, regions_done: 0 })),
    };
    this.groups.push(group);
    this.events.begin();
    const png = await mask.png();
    // The hole waits for its filling; what is painted meanwhile belongs to the next one.
    mask.subtract(holes);
    stage.maskChanged(holes.box);
    this.#markPending();
    this.studio.changed({});
    const values = { picture: picture.facts.id, from: picture.result, region: byId("region").value };
    for (const job of group.jobs) {
      if (job.isOver) continue;
      try {
        const fill = await api.fill({ ...values, network: job.network.id, variant: job.variant, seed: job.seed }, png);
        job.id = fill.id;
        if (job.isCancelled) api.cancel(fill.id).catch(() => {});
        const early = this.early.get(fill.id);
        this.early.delete(fill.id);
        this.#told(early ?? fill);
      } catch (error) {
        this.#over(group, job, "failed");
        showError(error);
      }
    }
  }

  cancel(job) {
    job.isCancelled = true;
    if (job.id) api.cancel(job.id).then(fill => this.#told(fill), showError);
  }

  cancelAll() {
    const open = this.groups.flatMap(group => group.jobs).filter(job => !job.isOver);
    open.forEach(job => this.cancel(job));
    return open.length > 0;
  }

  // Another picture is opened: what is still computed for this one is of no use.
  leave() {
    this.cancelAll();
    byId("results").hidden = true;
    byId("results").replaceChildren();
    this.shown = null;
  }

  #told(fill) {
    const isKnown = this.groups.some(group => group.jobs.some(job => job.id === fill.id));
    if (!isKnown && this.isBusy) this.early.set(fill.id, fill);
    for (const group of this.groups) {
      const job = group.jobs.find(one => one.id === fill.id);
      if (!job || job.isOver || job.isReceived) continue;
      Object.assign(job, {
        state: fill.state, regions: fill.regions, regions_done: fill.regions_done, position: fill.position,
      });
      if (fill.state === "done") return void this.#receive(group, job, fill);
      if (fill.state === "failed") showError(new Error(fill.error));
      if (fill.state === "failed" || fill.state === "cancelled") this.#over(group, job, fill.state);
    }
    this.#showQueue();
  }

  async #receive(group, job, fill) {
    job.isReceived = true;
    try {
      if (group.picture !== this.studio.picture) return this.#over(group, job, "done");
      const patch = await createImageBitmap(await api.patch(fill.id), { colorSpaceConversion: "none" });
      const { left, top, width, height } = fill.box;
      const result = {
        id: fill.id, patch, box: { x: left, y: top, width, height }, name: job.variant ? `${job.network.name} ${job.variant}` : job.network.name,
        seconds: fill.network_seconds,
      };
      group.results.push(result);
      if (group.picture === this.studio.picture) {
        if (!group.isApplied) this.#apply(group, result);
        this.#showResults(group);
      }
    } catch (error) {
      showError(error);
    }
    this.#over(group, job, "done");
  }

  #over(group, job, state) {
    [job.state, job.isOver] = [state, true];
    if (group.jobs.every(other => other.isOver)) {
      this.groups = this.groups.filter(other => other !== group);
      this.events.end();
      if (!this.isBusy) this.early.clear();
      if (!group.isApplied && group.picture === this.studio.picture) {
        // Nothing came of it: the hole is there again.
        this.studio.mask.add(group.holes);
        this.studio.stage.maskChanged(group.holes.box);
      }
    }
    this.#markPending();
    this.#showQueue();
    this.studio.changed({});
  }

  // Shows the first result; undoing it brings the hole back.
  #apply(group, result) {
    group.isApplied = true;
    const { picture, mask, stage, history } = this.studio;
    const before = picture.chain, after = [...group.base, result];
    const show = chain => {
      picture.show(chain);
      stage.redraw();
      stage.maskChanged(group.holes.box);
      this.#showResults(group);
      this.studio.changed({});
    };
    history.add({
      undo: () => { mask.add(group.holes); show(before); },
      redo: () => { mask.subtract(group.holes); show(after); },
    });
    group.choice = result;
    show(after);
    stage.reveal(group.holes.box);
  }

  // Takes another result of the same hole, or none.
  #choose(group, result) {
    const { picture, stage, history } = this.studio;
    const before = picture.chain, after = result ? [...group.base, result] : group.base;
    if (before.at(-1) === after.at(-1)) return;
    const show = chain => {
      picture.show(chain);
      stage.redraw();
      this.#showResults(group);
      this.studio.changed({});
    };
    history.add({ undo: () => show(before), redo: () => show(after) });
    show(after);
  }

  // What is shown

  #showQueue() {
    const jobs = this.groups.flatMap(group => group.jobs).filter(job => !job.isOver);
    byId("queue").replaceChildren(...jobs.map(job => {
      const share = job.regions > 1 ? job.regions_done / job.regions : null;
      const words = job.state === "running"
        ? job.regions > 1 ? `region ${Math.min(job.regions_done + 1, job.regions)} of ${job.regions}` : "filling"
        : job.position > 0 ? `waits, ${job.position} before it` : "waits";
      return element(
        "div", { class: `job ${job.state}` },
        element("span", { class: "job-name" }, job.network.name), element("span", { class: "job-state" }, words),
        element("progress", share == null ? { "aria-label": words } : { max: 1, value: share, "aria-label": words }),
        element(
          "button", {
            class: "bare", title: "Cancel", "aria-label": `Cancel ${job.network.name}`,
            onclick: () => this.cancel(job),
          }, icon("close")));
    }));
  }

  // Holes that wait shimmer until they are filled.
  #markPending() {
    const { stage, picture } = this.studio;
    const group = byId("pending");
    const boxes = this.groups.filter(one => one.picture === picture && !one.isApplied).map(one => one.holes.box);
    group.replaceChildren(...boxes.map(box => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const at = stage.toScreen(box);
      for (const [name, value] of Object.entries({
        x: at.x - 3, y: at.y - 3, width: box.width * stage.scale + 6, height: box.height * stage.scale + 6, rx: 8,
      })) node.setAttribute(name, value);
      return node;
    }));
  }

  stageMoved() { this.#markPending(); }

  #showResults(group) {
    const strip = byId("results");
    const { picture } = this.studio;
    this.shown = group;
    // The hole with what is round it.
    const { box } = group.holes;
    const margin = Math.max(12, Math.round(0.35 * Math.max(box.width, box.height)));
    const side = Math.min(Math.max(box.width, box.height) + 2 * margin, Math.max(picture.width, picture.height));
    const around = {
      x: Math.round(Math.min(Math.max(0, box.x + box.width / 2 - side / 2), Math.max(0, picture.width - side))),
      y: Math.round(Math.min(Math.max(0, box.y + box.height / 2 - side / 2), Math.max(0, picture.height - side))),
      width: side, height: side,
    };
    const card = (result, name, time, size) => {
      const canvas = element("canvas", { width: size * 2, height: size * 2 });
      picture.thumbnail(result ? [...group.base, result] : group.base, around, canvas);
      const isChosen = picture.chain.at(-1) === (result ?? group.base.at(-1));
      return element(
        "button", {
          class: "card", "aria-pressed": String(isChosen),
          onclick: () => { byId("side-dialog").close(); this.#choose(group, result); },
        }, canvas, element("b", {}, name), element("small", {}, time));
    };
    const cards = size => [
      card(null, "Before", "", size),
      ...group.results.map(result => card(result, result.name, seconds(result.seconds), size)),
    ];
    strip.replaceChildren(
      ...cards(72),
      element(
        "button", {
          class: "bare", title: "Side by side, larger", "aria-label": "Side by side, larger",
          onclick: () => { byId("tiles").replaceChildren(...cards(220)); byId("side-dialog").showModal(); },
        }, icon("grid")),
      element(
        "button", {
          class: "bare", title: "Hide", "aria-label": "Hide the results", onclick: () => { strip.hidden = true; },
        }, icon("close")));
    strip.hidden = false;
  }
}
