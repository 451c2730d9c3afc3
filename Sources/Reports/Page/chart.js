// One chart of the same quantity of several runs.

import { element } from "./elements.js";

const svg = (tag, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text != null) node.textContent = text;
  return node;
};

export function short(value) {
  if (value == null || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value.toExponential(1).replace("e+", "e");
  return size >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(4)));
}

function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= rough);
  const result = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) {
    result.push(Math.abs(tick) < step * 1e-9 ? 0 : tick);
  }
  return result;
}

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

let count = 0;

// Curves: `{ name, color, steps, values }`.
export function curveChart(curves, { smoothing, isLogarithmic, label }) {
  const id = `curves-${count += 1}`;
  const picture = svg("svg", { role: "img", "aria-label": `${label} of ${curves.map(one => one.name).join(", ")}` });
  const legend = element("div", { class: "legend" });
  const node = element("div", { class: "curve-chart" }, picture, legend);
  const lines = curves.map(curve => ({ ...curve, line: smoothed(curve.values, smoothing) }));
  let places = null;

  function draw() {
    const { clientWidth: width, clientHeight: height } = picture;
    if (!width) return;
    const usable = value => value != null && (!isLogarithmic || value > 0);
    const on = value => isLogarithmic ? Math.log10(value) : value;
    const all = lines.flatMap(one => one.line.filter(usable).map(on)).sort((a, b) => a - b);
    if (!all.length) return;
    // A few extreme values must not flatten all others.
    const at = share => all[Math.round(share * (all.length - 1))];
    let low = at(0.005), high = at(0.995);
    const margin = (high - low || Math.abs(high) || 1) * 0.06;
    [low, high] = [low - margin, high + margin];
    const last = Math.max(1, ...lines.map(one => one.steps.at(-1) ?? 1));
    const labels = ticks(low, high, 5);
    const text = tick => short(isLogarithmic ? 10 ** tick : tick);
    const left = 12 + 6.6 * Math.max(...labels.map(tick => text(tick).length)), bottom = 24;
    const x = step => left + step / last * (width - left - 6);
    const y = value => 6 + (high - on(value)) / (high - low) * (height - bottom - 6);
    places = { left, last, width, x };
    const plot = svg("g", { "clip-path": `url(#${id})` });
    const clip = svg("clipPath", { id });
    clip.append(svg("rect", { x: left, y: 0, width: width - left, height: height - bottom + 2 }));
    picture.replaceChildren(clip);
    for (const tick of labels) {
      const place = Math.round(6 + (high - tick) / (high - low) * (height - bottom - 6)) + 0.5;
      picture.append(
        svg("line", { class: "grid", x1: left, x2: width, y1: place, y2: place }),
        svg("text", { x: left - 8, y: place + 4, "text-anchor": "end" }, text(tick)));
    }
    for (const tick of ticks(0, last, Math.max(2, Math.floor(width / 130)))) {
      const isEnd = width - x(tick) < 24;
      picture.append(svg("text", {
        x: isEnd ? width : x(tick), y: height - 6, "text-anchor": isEnd ? "end" : tick === 0 ? "start" : "middle",
      }, tick >= 10000 ? `${tick / 1000}k` : String(tick)));
    }
    for (const { line, steps, color } of lines) {
      let pen = "M";
      const d = line.map((value, index) => {
        // What has values at some steps alone is one line all the same.
        if (!usable(value)) return "";
        const part = `${pen}${x(steps[index]).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = "L";
        return part;
      }).join("");
      plot.append(svg("path", { class: "curve", d, stroke: color }));
    }
    picture.append(plot);
    point(null);
  }

  // The values at a step, or the last ones.
  function point(step) {
    picture.querySelectorAll(".cursor").forEach(one => one.remove());
    if (step != null) {
      picture.append(svg("line", { class: "cursor", x1: places.x(step), x2: places.x(step), y1: 6, y2: picture.clientHeight - 24 }));
    }
    legend.replaceChildren(...lines.map(({ name, color, steps, line }) => {
      let index = steps.length - 1;
      if (step != null) {
        const next = steps.findIndex(other => other >= step);
        index = next < 0 ? steps.length - 1 : next;
      }
      const swatch = element("i");
      swatch.style.background = color;
      const shown = line.slice(0, index + 1).findLast(value => value != null);
      return element(
        "span", {}, swatch, name, element("b", {}, short(shown)),
        element("small", {}, steps.length ? `step ${steps[index].toLocaleString("en")}` : "none"));
    }));
  }

  picture.addEventListener("pointermove", event => {
    if (!places) return;
    const share = (event.clientX - picture.getBoundingClientRect().left - places.left) / (places.width - places.left);
    point(share < 0 ? null : Math.min(1, share) * places.last);
  });
  picture.addEventListener("pointerleave", () => places && point(null));
  new ResizeObserver(draw).observe(picture);
  return node;
}
