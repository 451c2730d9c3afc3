// The runs: a list that follows them, the report of one, and the curves of several in one chart.

import { api } from "./api.js";
import { curveChart } from "./chart.js";
import { byId, choices, element, showError } from "./elements.js";

const colors = ["#2b62d9", "#d9622b", "#0d8263", "#a13db5", "#b98300", "#c2335c", "#3a8fb7", "#6b7280"];
const words = { running: "Training", stopped: "Stopped", done: "Done" };

export class Runs {
  constructor() {
    this.runs = [];
    this.chosen = null;
    this.compared = new Set();
    this.isComparing = false;
    this.reports = new Map();
    byId("compare-runs").addEventListener("click", () => this.#compare());
  }

  show() {
    if (this.source) return;
    this.source = new EventSource("api/runs/events");
    this.source.addEventListener("runs", event => {
      this.runs = JSON.parse(event.data);
      this.#list();
      // The report's page hears of it from here.
      byId("report").contentWindow?.postMessage({ runs: event.data }, location.origin);
      if (this.isComparing) this.#compare();
      else if (!this.chosen && this.runs.length && innerWidth > 760) this.#choose(this.runs[0].id);
    });
  }

  hide() {
    this.source?.close();
    this.source = null;
  }

  #list() {
    byId("no-runs").hidden = this.runs.length > 0;
    byId("no-report").hidden = this.runs.length === 0 || this.chosen != null || this.isComparing;
    const focused = document.activeElement?.closest?.(".run")?.dataset.run;
    const part = document.activeElement?.tagName;
    byId("runs").replaceChildren(...this.runs.map(run => {
      const bar = element("i");
      bar.style.width = `${Math.min(100, 100 * run.step / Math.max(1, run.steps))}%`;
      return element(
        "div", { class: "run", role: "listitem", "data-run": run.id, "aria-current": String(run.id === this.chosen && !this.isComparing) },
        element("input", {
          type: "checkbox", checked: this.compared.has(run.id), "aria-label": `Compare ${run.name}`,
          onchange: event => {
            if (event.target.checked) this.compared.add(run.id);
            else this.compared.delete(run.id);
            byId("compare-runs").disabled = this.compared.size === 0;
            if (this.isComparing) this.#compare();
          },
        }),
        element(
          "button", { onclick: () => this.#choose(run.id) },
          element("b", {}, run.name), element("span", { class: `pill ${run.state}` }, words[run.state]),
          element("span", { class: "bar" }, bar),
          element("small", {}, `step ${run.step.toLocaleString("en")} of ${run.steps.toLocaleString("en")}`
            + (run.state === "running" && run.images_per_second ? ` · ${Number(run.images_per_second.toPrecision(3))} images/s` : ""))));
    }));
    if (focused) byId("runs").querySelector(`[data-run="${CSS.escape(focused)}"] ${part.toLowerCase()}`)?.focus();
  }

  #choose(id) {
    [this.chosen, this.isComparing] = [id, false];
    byId("comparison").hidden = true;
    const frame = byId("report");
    const address = `runs/${encodeURIComponent(id)}/`;
    if (frame.getAttribute("src") !== address) frame.setAttribute("src", address);
    frame.hidden = false;
    this.#list();
    if (innerWidth <= 760) byId("report").scrollIntoView({ block: "start" });
  }

  async #compare() {
    this.isComparing = true;
    byId("report").hidden = true;
    byId("comparison").hidden = false;
    this.#list();
    try {
      const runs = this.runs.filter(run => this.compared.has(run.id));
      for (const run of runs) {
        const known = this.reports.get(run.id);
        if (known?.changed !== run.changed) {
          this.reports.set(run.id, { changed: run.changed, report: await api.report(run.id) });
        }
      }
      if (this.isComparing) this.#draw(runs);
    } catch (error) { showError(error); }
  }

  #draw(runs) {
    const series = report => ["losses", "scores", "speed"].flatMap(kind => (report[kind]?.names ?? []).map((name, index) => ({
      key: `${kind} ${name}`, name: name.replaceAll("_", " "), kind,
      steps: report[kind].step, values: report[kind].columns[index].mean,
    })));
    const all = runs.map((run, index) => ({
      run, color: colors[index % colors.length], series: series(this.reports.get(run.id).report),
    }));
    const keys = new Map(all.flatMap(one => one.series.map(entry => [entry.key, entry])));
    let key = choices.get("quantity", "losses pixel");
    if (!keys.has(key)) key = keys.keys().next().value;
    const redraw = () => this.#draw(runs);
    const kinds = { losses: "Losses", scores: "Held-out pictures", speed: "Speed" };
    const select = element(
      "select", { "aria-label": "Quantity", onchange: event => { choices.set("quantity", event.target.value); redraw(); } },
      ...Object.entries(kinds).map(([kind, title]) => element(
        "optgroup", { label: title }, ...[...keys.values()].filter(entry => entry.kind === kind).map(
          entry => element("option", { value: entry.key, selected: entry.key === key }, entry.name)))).filter(group => group.children.length));
    const smoothing = choices.get("smoothing", 0.6), isLogarithmic = choices.get("logarithmic", false);
    const controls = element(
      "div", { class: "chart-controls" }, element("h2", {}, "Compare"), select,
      element("label", {}, "Smoothing", element("input", {
        type: "range", min: 0, max: 0.99, step: 0.01, value: String(smoothing),
        onchange: event => { choices.set("smoothing", Number(event.target.value)); redraw(); },
      })),
      element("label", {}, element("input", {
        type: "checkbox", checked: isLogarithmic,
        onchange: event => { choices.set("logarithmic", event.target.checked); redraw(); },
      }), "logarithmic"));
    const curves = all.flatMap(({ run, color, series }) => series.filter(entry => entry.key === key)
      .map(entry => ({ name: run.name, color, steps: entry.steps, values: entry.values })));
    const body = curves.length
      ? curveChart(curves, { smoothing: key.startsWith("losses") ? smoothing : 0, isLogarithmic, label: keys.get(key).name })
      : element("p", { class: "note centred" }, "Tick runs in the list.");
    byId("comparison").replaceChildren(controls, body);
  }
}
