"use strict";

const page = document.getElementById("page");
// Where a server shows a run while it trains: its root, and the run in its addresses.
const live = document.documentElement.dataset;
let run, choices;

// What the reader has chosen outlives a reload of the page.
function rememberedChoices() {
  const key = "inpaint report " + run.experiment;
  let values = {};
  try { values = JSON.parse(localStorage.getItem(key)) || {}; } catch { /* no storage: defaults */ }
  return {
    get: (name, fallback) => name in values ? values[name] : fallback,
    set(name, value) {
      values[name] = value;
      try { localStorage.setItem(key, JSON.stringify(values)); } catch { /* lasts for this view */ }
    },
  };
}

// Elements

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    // A server's content security policy forbids the attribute, not the property.
    else if (name === "style") node.style.cssText = value;
    else if (value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(child => child != null));
  return node;
}

function shape(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text != null) node.textContent = text;
  return node;
}

function section(title, controls, ...children) {
  return element(
    "section", {}, element("div", { class: "bar" }, element("h2", {}, title), ...controls),
    ...children);
}

// Numbers

const whole = value => Math.round(value).toLocaleString("en");

function short(value) {
  if (value == null) return "–";
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value.toExponential(1).replace("e+", "e");
  return size >= 1000 ? whole(value) : String(Number(value.toPrecision(4)));
}

function duration(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = Math.max(0, parts.findIndex(([size]) => seconds >= size));
  if (seconds < 1) return seconds > 0 ? `${short(seconds * 1000)} ms` : "0 s";
  let rest = Math.round(seconds);
  return parts.slice(first, first + 2).map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return `${count} ${unit}`;
  }).filter((text, index) => index === 0 || !text.startsWith("0 ")).join(" ");
}

const milliseconds = seconds =>
  seconds >= 1 ? `${seconds.toFixed(2)} s` : `${Math.round(seconds * 1000)} ms`;

function fileSize(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) { bytes /= 1024; unit += 1; }
  return `${short(Number(bytes.toPrecision(3)))} ${units[unit]}`;
}

const spoken = name => name.replaceAll("_", " ");

// Charts

let scale, smoothing;
const charts = [];

// The exponential mean of TensorBoard, corrected for its start.
function smoothed(values, weight) {
  let sum = 0, mass = 0;
  return values.map(value => {
    if (value == null) return null;
    sum = sum * weight + value * (1 - weight);
    mass = mass * weight + (1 - weight);
    return sum / mass;
  });
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))];
}

function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= rough);
  const result = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) {
    result.push(Math.abs(tick) < step * 1e-9 ? 0 : tick);
  }
  return result;
}

function logTicks(low, high) {
  if (high - low < .8) return ticks(10 ** low, 10 ** high, 4).map(Math.log10);
  const result = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) {
    for (const factor of high - low > 2.5 ? [1] : [1, 3]) {
      const tick = power + Math.log10(factor);
      if (tick >= low && tick <= high) result.push(tick);
    }
  }
  return result;
}

// A chart of one quantity; the pointer's step is shown in all charts at once.
function chart(title, kind, series, index, options = {}) {
  const { mean, min, max } = series.columns[index];
  const steps = series.step;
  const value = element("span", { class: "value" });
  const picture = shape("svg", { role: "img", "aria-label": title });
  const card = element(
    "div", { class: `card chart ${kind}` },
    element("div", { class: "head" }, element("h3", {}, title), value), picture);

  let place = () => 0;
  let line = mean;
  const [first, last] = [Math.min(0, steps[0]), Math.max(steps.at(-1), 1)];

  function draw() {
    const width = picture.clientWidth, height = picture.clientHeight;
    if (!width) return;
    const weight = options.smooth === false ? 0 : smoothing;
    line = weight > 0 ? smoothed(mean, weight) : mean;
    const logs = scale === "log" && options.log !== false && mean.every(v => v == null || v > 0);
    const onScale = v => logs ? Math.log10(v) : v;

    // A few extreme values must not flatten all others.
    const sorted = mean.filter(v => v != null).sort((a, b) => a - b);
    const ends = [quantile(sorted, .01), quantile(sorted, .99), line.at(-1)].filter(v => v != null);
    let low = onScale(Math.min(...ends)), high = onScale(Math.max(...ends));
    if (options.zero) low = Math.min(0, low);
    const margin = (high - low || Math.abs(high) || 1) * .06;
    if (low !== 0) low -= margin;
    high += margin;

    const labels = logs ? logTicks(low, high) : ticks(low, high, 4);
    const text = tick => short(logs ? 10 ** tick : tick);
    const left = 10 + 6.3 * Math.max(...labels.map(tick => text(tick).length)), bottom = 20;
    const x = step => left + (step - first) / (last - first) * (width - left - 4);
    const y = v => 4 + (high - onScale(v)) / (high - low) * (height - bottom - 4);
    place = x;

    picture.replaceChildren();
    const id = `clip-${charts.findIndex(other => other.card === card)}`;
    const clip = shape("clipPath", { id });
    clip.append(shape("rect", { x: left, y: 0, width: width - left, height: height - bottom + 1 }));
    const plot = shape("g", { "clip-path": `url(#${id})` });
    for (const tick of labels) {
      const at = Math.round(y(logs ? 10 ** tick : tick)) + .5;
      picture.append(
        shape("line", { class: "grid", x1: left, x2: width, y1: at, y2: at }),
        shape("text", { x: left - 7, y: at + 4, "text-anchor": "end" }, text(tick)));
    }
    for (const tick of ticks(first, last, Math.max(2, Math.floor(width / 110)))) {
      const at = x(tick), end = width - 4 - at < 14;
      picture.append(shape(
        "text", {
          x: end ? width : at, y: height - 4,
          "text-anchor": end ? "end" : at - left < 14 ? "start" : "middle",
        }, tick >= 10000 ? `${tick / 1000}k` : String(tick)));
    }
    const path = values => {
      let pen = "M";
      return values.map((v, i) => {
        // What has values at some steps alone is one line all the same.
        if (v == null) return "";
        const part = `${pen}${x(steps[i]).toFixed(1)} ${y(v).toFixed(1)}`;
        pen = "L";
        return part;
      }).join("");
    };
    if (max && min.every(v => v == null || !logs || v > 0)) {
      const there = steps.map((_, i) => i).filter(i => max[i] != null);
      const at = (i, v) => `${x(steps[i]).toFixed(1)} ${y(v).toFixed(1)}`;
      plot.append(shape("path", {
        class: "band",
        d: "M" + there.map(i => at(i, max[i])).join("L") + "L"
          + there.reverse().map(i => at(i, min[i])).join("L") + "Z",
      }));
    }
    if (line !== mean) plot.append(shape("path", { class: "raw", d: path(mean) }));
    plot.append(shape("path", { class: "line", d: path(line) }));
    if (steps.length <= 40) {
      steps.forEach((step, i) => {
        if (mean[i] != null) {
          plot.append(shape("circle", { class: "dot", cx: x(step), cy: y(line[i]), r: 2.4 }));
        }
      });
    }
    picture.append(clip, plot);
    point(null);
  }

  function point(step) {
    picture.querySelectorAll(".cursor, .dot.here").forEach(node => node.remove());
    let at = steps.length - 1;
    if (step != null) {
      at = steps.findIndex(other => other >= step);
      if (at < 0) at = steps.length - 1;
      if (at > 0 && step - steps[at - 1] < steps[at] - step) at -= 1;
      const x = place(steps[at]);
      picture.append(
        shape("line", { class: "cursor", x1: x, x2: x, y1: 4, y2: picture.clientHeight - 20 }));
    }
    value.replaceChildren(
      ...step == null ? [] : [`step ${whole(steps[at])}  `],
      element("b", {}, short(line.slice(0, at + 1).findLast(v => v != null))), options.unit ? ` ${options.unit}` : "");
  }

  function pointAll(event) {
    const share = (event.clientX - picture.getBoundingClientRect().left - place(first))
      / (place(last) - place(first));
    const step = share < -.02 ? null : first + Math.min(1, Math.max(0, share)) * (last - first);
    for (const other of charts) other.point(step);
  }
  picture.addEventListener("pointermove", pointAll);
  picture.addEventListener("pointerdown", pointAll);
  picture.addEventListener("pointerleave", () => charts.forEach(other => other.point(null)));
  charts.push({ card, draw, point });
  return card;
}

const drawCharts = () => charts.forEach(one => one.draw());

function scaleChoice() {
  const buttons = ["linear", "log"].map(name => element("button", {
    type: "button", "aria-pressed": String(name === scale),
    onclick() {
      scale = name;
      choices.set("scale", name);
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === this));
      drawCharts();
    },
  }, name));
  return element("div", { class: "choice", role: "group", "aria-label": "Vertical scale" }, ...buttons);
}

function smoothingChoice() {
  const output = element("output", {}, smoothing.toFixed(2));
  return element("label", {}, "Smoothing", element("input", {
    type: "range", min: 0, max: .99, step: .01, value: smoothing,
    oninput() {
      smoothing = Number(this.value);
      choices.set("smoothing", smoothing);
      output.textContent = smoothing.toFixed(2);
      drawCharts();
    },
  }), output);
}

// Parts of the page

function heading() {
  const age = Date.now() / 1000 - run.written;
  const rate = run.speed.columns[0].mean.slice(-20).filter(value => value != null);
  const perSecond = rate.reduce((a, b) => a + b, 0) / Math.max(rate.length, 1);
  const perStep = run.step > 0 ? run.trained_seconds / run.step : 0;
  // A run that reports several times an hour and has been quiet for long has probably ended.
  const isSilent = run.state === "running" && age > Math.max(900, 400 * perStep);
  const words = { running: "Training", stopped: "Stopped; can go on", done: "Done" };
  const written = new Date(run.written * 1000);

  const tiles = [
    ["Step", whole(run.step), `of ${whole(run.steps)}`],
    ["Speed", `${short(Number(perSecond.toPrecision(3)))} images/s`, `${milliseconds(perStep)} a step`],
    ["Trained for", duration(run.trained_seconds),
      run.step < run.steps ? `${duration(perStep * (run.steps - run.step))} left` : "all steps done"],
    ...run.scores ? run.scores.names.map((name, index) => {
      const [title, unit, better] = run.metrics[name] || [spoken(name), "", ""];
      const values = run.scores.columns[index].mean.filter(value => value != null);
      const best = better === "higher" ? Math.max(...values) : Math.min(...values);
      const withUnit = value => `${short(value)} ${unit}`.trim();
      return [title, withUnit(values.at(-1)), better ? `best ${withUnit(best)}` : ""];
    }) : [],
  ];
  const follow = element("input", {
    type: "checkbox", checked: choices.get("follow", false),
    onchange() { choices.set("follow", this.checked); },
  });
  if (run.state === "running" && !live.run) {
    setInterval(() => { if (follow.checked) location.reload(); }, 20000);
  }
  return element(
    "header", {},
    element(
      "div", { class: "bar" }, element("h1", {}, run.experiment),
      element(
        "span", { class: `pill ${isSilent ? "silent" : run.state}` },
        isSilent ? "No news; has it ended?" : words[run.state]),
      element(
        "span", { class: "written" },
        `written ${written.toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`),
      run.state === "running" && !live.run ? element("label", {}, follow, "Reload") : null),
    element(
      "div", { class: "progress" },
      element("div", { style: `width: ${Math.min(100, 100 * run.step / run.steps)}%` })),
    element("dl", { class: "tiles" }, ...tiles.map(([name, value, detail]) => element(
      "div", {}, element("dt", {}, name),
      element("dd", {}, value, detail ? element("small", {}, detail) : null)))));
}

// The step of the sheet that is looked at, where it is not the newest; and the timer that plays all.
let chosenStep = null, playing = null;

function pictures() {
  if (!run.samples.length) return null;
  const newest = run.samples.length - 1;
  const image = element("img", { alt: "Masked, filled and original pictures" });
  const sheet = element("div", { class: "card sheet", onclick() { sheet.classList.toggle("large"); } }, image);
  const output = element("output");
  const slider = element("input", {
    type: "range", min: 0, max: newest, step: 1, value: newest, "aria-label": "Step",
    oninput: () => show(Number(slider.value)),
  });
  const play = element("button", {
    type: "button", class: "alone",
    onclick() {
      if (playing) return halt();
      let at = Number(slider.value) === newest ? 0 : Number(slider.value);
      play.textContent = "Pause";
      show(at);
      playing = setInterval(() => { at += 1; show(at); if (at >= newest) halt(); }, 450);
    },
  }, "Play");
  function halt() { clearInterval(playing); playing = null; play.textContent = "Play"; }
  function show(index) {
    const one = run.samples[index];
    slider.value = index;
    chosenStep = index === newest ? null : one.step;
    const small = `data:image/jpeg;base64,${one.jpeg}`;
    image.onerror = () => { image.onerror = null; image.src = small; };
    image.src = live.run ? `${live.root}api/runs/${live.run}/samples/${one.step}` : small;
    image.width = one.width;
    image.height = one.height;
    image.style.maxWidth = `${2 * one.width}px`;
    output.textContent = `step ${whole(one.step)}`;
  }
  const chosen = run.samples.findIndex(one => one.step === chosenStep);
  show(chosen < 0 ? newest : chosen);
  return section(
    "Pictures", [], sheet,
    newest > 0 ? element("div", { class: "scrub" }, play, slider, output)
      : element("p", { class: "note" }, `After step ${whole(run.samples[0].step)}.`));
}

function rankTimeline() {
  if (!run.ranks || !run.ranks.step.length) return null;
  const { columns, step } = run.ranks;
  const kinds = ["compute", "data", "wait"];
  const words = ["computing", "waiting for pictures", "waiting for other ranks"];
  const seconds = (kind, rank) => columns[kind * run.rank_count + rank].mean;
  const height = Math.min(30, Math.max(5, Math.floor(480 / run.rank_count)));
  const all = step.map((_, bin) => Math.max(...Array.from(
    { length: run.rank_count },
    (_, rank) => kinds.reduce((sum, _, kind) => sum + (seconds(kind, rank)[bin] || 0), 0))));
  const top = quantile([...all].sort((a, b) => a - b), .98) * 1.05 || 1;

  const rows = [];
  const canvases = [];
  for (let rank = 0; rank < run.rank_count; rank += 1) {
    const recent = kinds.map((_, kind) => seconds(kind, rank).at(-1) || 0);
    const canvas = element("canvas", { style: `height: ${height}px` });
    canvases.push([canvas, rank]);
    const total = recent.reduce((a, b) => a + b, 0);
    rows.push(
      element("span", {}, run.rank_count <= 32 || rank % 8 === 0 ? `rank ${rank}` : ""), canvas,
      element(
        "span", { class: "shares" }, run.rank_count > 32 && rank % 8 ? ""
          : `${milliseconds(total)}, ${(100 * recent[2] / (total || 1)).toFixed(1)} % waiting`));
  }
  function draw() {
    const style = getComputedStyle(document.documentElement);
    for (const [canvas, rank] of canvases) {
      const pixels = window.devicePixelRatio || 1;
      canvas.width = canvas.clientWidth * pixels;
      canvas.height = height * pixels;
      const pen = canvas.getContext("2d");
      step.forEach((_, bin) => {
        const left = Math.floor(bin / step.length * canvas.width);
        const right = Math.floor((bin + 1) / step.length * canvas.width);
        let base = canvas.height;
        kinds.forEach((name, kind) => {
          const part = (seconds(kind, rank)[bin] || 0) / top * canvas.height;
          pen.fillStyle = style.getPropertyValue(`--${name}`);
          pen.fillRect(left, base - part, right - left, part);
          base -= part;
        });
      });
    }
  }
  charts.push({ card: null, draw, point() {} });
  const axis = element(
    "span", { class: "axis" }, element("span", {}, "step 1"),
    element("span", {}, `step ${whole(step.at(-1))}`));
  return section(
    "Ranks", [element("div", { class: "legend" }, ...kinds.map((name, kind) => element(
      "span", {}, element("i", { style: `background: var(--${name})` }), words[kind])))],
    element("div", { class: "card ranks" }, ...rows, element("span"), axis, element("span")),
    element(
      "p", { class: "note" },
      `Seconds of a step, all rows up to ${milliseconds(top)}; figures are those of the last steps.`));
}

function checkpoints() {
  if (!run.checkpoints.length) return null;
  const head = [["Step", "number"], ["Saved", ""], ["Size", "number"], ["Folder", ""]];
  return section("Checkpoints", [], element("div", { class: "card scroll" }, element(
    "table", {},
    element("thead", {}, element("tr", {}, ...head.map(
      ([title, kind]) => element("th", { class: kind }, title)))),
    element("tbody", {}, ...run.checkpoints.map(one => element(
      "tr", {}, element("td", { class: "number" }, whole(one.step)),
      element("td", {}, new Date(one.saved * 1000).toLocaleString(
        [], { dateStyle: "medium", timeStyle: "short" })),
      element("td", { class: "number" }, fileSize(one.bytes)),
      element("td", {}, element(
        "code", {}, `checkpoints/step-${String(one.step).padStart(8, "0")}`))))))));
}

function configuration() {
  const parts = run.configuration.trimEnd().split(/\n(?=\S)/).map(part => element(
    "div", {}, ...part.split("\n").flatMap(line => {
      const [, indent, key, rest] = line.match(/^(\s*)([\w-]+:)(.*)$/) || [null, "", "", line];
      return [indent, element("span", {}, key), `${rest}\n`];
    })));
  const facts = run.facts.map(([name, value]) => `${name} ${value}`).join(" · ");
  return section("Configuration", [], element(
    "details", { class: "card" },
    element("summary", {}, facts ? facts : "config.yaml"), element("pre", {}, ...parts)));
}

// Page

function lossSection() {
  return run.losses && section(
    "Losses", [scaleChoice(), smoothingChoice()],
    element("div", { class: "charts" }, ...run.losses.names.map(
      (name, index) => isSign(name) ? null : chart(spoken(name), "loss", run.losses, index))));
}

// How the networks move, beside what they lose.
function isSign(name) {
  return /_(gradient_norm|learning_rate|update_ratio|clipped)$/.test(name);
}

function signSection() {
  return run.losses?.names.some(isSign) ? section(
    "Updates of the networks", [],
    element("div", { class: "charts" }, ...run.losses.names.map(
      (name, index) => isSign(name) ? chart(spoken(name), "loss", run.losses, index) : null))) : null;
}

function scoreSection() {
  return run.scores && section(
    "Held-out pictures", [],
    element("div", { class: "charts" }, ...run.scores.names.map((name, index) => {
      const [title, unit] = run.metrics[name] || [spoken(name), ""];
      return chart(title, "score", run.scores, index, { unit, smooth: false, log: false });
    })));
}

const COSTS = {
  data_seconds: ["waiting for pictures", "s"], peak_memory_mib: ["most memory of rank 0", "MiB"],
};

function speedSection() {
  return run.speed.step.length ? section(
    "Throughput", [],
    element("div", { class: "charts wide" }, chart(
      "images a second", "speed", run.speed, 0, { zero: true, log: false })),
    element("div", { class: "charts" }, ...(run.costs?.names ?? []).map((name, index) => {
      const [title, unit] = COSTS[name] ?? [spoken(name), ""];
      return chart(title, "cost", run.costs, index, { unit, zero: true, log: false, smooth: false });
    }))) : null;
}

function show(facts) {
  const isFirst = !run;
  run = facts;
  if (isFirst) {
    choices = rememberedChoices();
    scale = choices.get("scale", "linear");
    smoothing = choices.get("smoothing", 0.6);
  }
  const controls = () => [...page.querySelectorAll("button, input, summary")];
  const focused = controls().indexOf(document.activeElement);
  const isOpen = page.querySelector("details")?.open;
  const isLarge = page.querySelector(".sheet.large") != null;
  clearInterval(playing);
  playing = null;
  charts.length = 0;
  page.replaceChildren(...[
    heading(), pictures(), lossSection(), signSection(), scoreSection(), speedSection(), rankTimeline(), checkpoints(),
    configuration(),
  ].filter(part => part));
  if (isOpen) page.querySelector("details").open = true;
  if (isLarge) page.querySelector(".sheet")?.classList.add("large");
  if (focused >= 0) controls()[focused]?.focus({ preventScroll: true });
  drawCharts();
}

if (!live.run) show(JSON.parse(document.getElementById("facts").textContent));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
let width = page.clientWidth;
new ResizeObserver(() => {
  if (page.clientWidth === width) return;
  width = page.clientWidth;
  drawCharts();
}).observe(page);
