// Several runs on one page. Behind chart.js in the same script; the facts of all runs are in the page.

const { runs, differences } = JSON.parse(document.getElementById("facts").textContent);
const colors = ["#2b62d9", "#c2410c", "#0d8263", "#9333ea", "#b8860b", "#d6336c", "#0891b2", "#65737e"];
runs.forEach((run, index) => { run.color = colors[index % colors.length]; });

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "color") node.style.background = value;
    else if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(child => child != null));
  return node;
}

const spoken = name => name.replaceAll("_", " ");
const metric = name => runs.map(run => run.metrics[name]).find(known => known) ?? [spoken(name), "", ""];
const unite = lists => [...new Set(lists.flat())];
const section = (title, controls, ...children) => element(
  "section", {}, element("div", { class: "bar" }, element("h2", {}, title), ...controls), ...children);
const named = run => element("span", { class: "run" }, element("i", { color: run.color }), run.name);

function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 2) return `${Math.round(seconds)} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function table(head, rows) {
  return element("div", { class: "card scroll" }, element(
    "table", {},
    element("thead", {}, element("tr", {}, ...head.map(cell => element("th", { scope: "col" }, cell)))),
    element("tbody", {}, ...rows.map(row => element("tr", {}, ...row)))));
}

// Scores: the last one, and the best one of all validations.

function values(run, series, name) {
  const index = run[series]?.names.indexOf(name) ?? -1;
  return index < 0 ? null : { step: run[series].step, mean: run[series].columns[index].mean };
}

function overview() {
  const scores = unite(runs.map(run => run.scores?.names ?? []));
  const last = (run, name) => values(run, "scores", name)?.mean.findLast(value => value != null);
  const best = Object.fromEntries(scores.map(name => {
    const all = runs.map(run => last(run, name)).filter(value => value != null);
    const better = metric(name)[2];
    return [name, better && all.length > 1 ? (better === "higher" ? Math.max(...all) : Math.min(...all)) : null];
  }));
  const head = ["Run", "Steps", "Trained for", ...scores.map(name => {
    const [title, unit] = metric(name);
    return unit ? `${title} (${unit})` : title;
  })];
  return section("Runs", [], table(head, runs.map(run => [
    element("th", { scope: "row" }, named(run)),
    element("td", {}, `${run.step.toLocaleString("en")} of ${run.steps.toLocaleString("en")}`),
    element("td", {}, duration(run.trained_seconds)),
    ...scores.map(name => {
      const value = last(run, name);
      return element("td", { class: value != null && value === best[name] ? "best" : null }, short(value));
    }),
  ])), element("p", { class: "note" }, "Scores on held-out pictures at the last validation; the best is bold."));
}

function settings() {
  if (!differences.length) {
    return section("Settings", [], element("p", { class: "note" }, "All runs have the same settings."));
  }
  return section("Settings that differ", [], table(
    ["Setting", ...runs.map(run => run.name)],
    differences.map(([key, ...cells]) => [
      element("th", { scope: "row" }, element("code", {}, key)),
      ...cells.map(cell => element("td", {}, element("code", {}, cell ?? "–"))),
    ])));
}

function pictures() {
  const shown = runs.filter(run => run.samples.length);
  return shown.length ? section("Held-out pictures", [], ...shown.map(run => {
    const sheet = run.samples.at(-1);
    return element(
      "figure", { class: "card" },
      element("figcaption", {}, named(run), ` step ${sheet.step.toLocaleString("en")}`),
      element("img", {
        src: `data:image/jpeg;base64,${sheet.jpeg}`, width: sheet.width, height: sheet.height,
        alt: `Sample sheet of ${run.name}`,
      }));
  })) : null;
}

// Curves over each other.

let [smoothing, isLogarithmic] = [0.6, false];
const curves = element("div", { class: "curves" });

function drawCurves() {
  const parts = [["scores", "Held-out pictures"], ["losses", "Losses and updates"]];
  curves.replaceChildren(...parts.flatMap(([series, title]) => {
    const names = unite(runs.map(run => run[series]?.names ?? []));
    return names.map(name => {
      const [label, unit] = series === "scores" ? metric(name) : [spoken(name), ""];
      const lines = runs.map(run => {
        const found = values(run, series, name);
        return found && { name: run.name, color: run.color, steps: found.step, values: found.mean };
      }).filter(line => line);
      return element(
        "div", {}, element("h3", {}, `${unit ? `${label} (${unit})` : label}`),
        curveChart(lines, { smoothing: series === "scores" ? 0 : smoothing, isLogarithmic, label: `${title}: ${label}` }));
    });
  }));
}

function curveSection() {
  const output = element("output", {}, smoothing.toFixed(2));
  const scale = element("label", {}, element("input", {
    type: "checkbox", onchange() { isLogarithmic = this.checked; drawCurves(); },
  }), "logarithmic");
  const slider = element("label", {}, "Smoothing", element("input", {
    type: "range", min: 0, max: 0.99, step: 0.01, value: smoothing,
    oninput() { smoothing = Number(this.value); output.textContent = smoothing.toFixed(2); drawCurves(); },
  }), output);
  drawCurves();
  return section("Curves", [scale, slider], curves);
}

document.getElementById("page").replaceChildren(...[
  element("header", {}, element("h1", {}, runs.map(run => run.name).join(" · "))),
  overview(), pictures(), settings(), curveSection(),
].filter(part => part));
