// Small pieces that the whole page uses: elements, icons, messages, words for numbers.

export const byId = id => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== "string") node[name] = value;
    else if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(child => child != null && child !== false));
  return node;
}

const strokes = {
  open: "M3 15.5V5.8A1.8 1.8 0 0 1 4.8 4h3l1.8 2h5.6A1.8 1.8 0 0 1 17 7.8v7.7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 15.5z",
  save: "M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13",
  copy: "M7.5 7.5v-3A1.5 1.5 0 0 1 9 3h6.5A1.5 1.5 0 0 1 17 4.500V11a1.5 1.5 0 0 1-1.5 1.500h-3M4.5 7.500H11A1.5 1.5 0 0 1 12.5 9v6.500A1.5 1.5 0 0 1 11 17H4.500A1.5 1.5 0 0 1 3 15.500V9a1.5 1.5 0 0 1 1.5-1.500z",
  help: "M7.6 7.700a2.5 2.5 0 1 1 3.7 2.200c-.9.5-1.3.9-1.3 1.900M10 14.500v.01M10 17.500a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15z",
  brush: "M8.7 12.3 16.6 4.400a1.4 1.4 0 0 0-2-2L6.7 10.300M8.7 12.300c.6 2.7-1.2 4.7-5.7 4.7 1.4-1 1.2-2.2 1.5-3.9.3-1.6 1.4-2.6 2.2-2.800z",
  eraser: "M8 16.500h8.500M4 13.200l8.2-9a1.5 1.5 0 0 1 2.2-.1l2.6 2.700a1.5 1.5 0 0 1 0 2.100l-7.4 7.600H6.500l-2.5-2.300a.7.7 0 0 1 0-1zM8.5 8.300l5 4.8",
  rectangle: "M4 5.500h12v9H4z",
  lasso: "M5.6 13.300C3.9 12.3 3 10.9 3 9.3 3 6 6.1 3.5 10 3.500s7 2.5 7 5.8-3.1 5.7-7 5.700c-.9 0-1.7-.1-2.5-.3M5.6 13.300a1.6 1.6 0 1 0 1.9 1.400M7.5 14.700c0 1.6-1 2.3-2.5 2.8",
  hand: "M6.5 10V5a1.2 1.2 0 0 1 2.4 0v4M8.9 9V3.700a1.2 1.2 0 0 1 2.4 0V9M11.3 9V4.700a1.2 1.2 0 0 1 2.4 0V10M13.7 10V7a1.2 1.2 0 0 1 2.3 0v5c0 3.2-2 5.5-5 5.5-2.6 0-3.7-1-5-3.200l-2-3.500c-.9-1.5 1-2.6 2-1.300l.5.6",
  undo: "M4 8h8a4.5 4.5 0 0 1 0 9H8M4 8l3.5-3.500M4 8l3.5 3.5",
  redo: "M16 8H8a4.5 4.5 0 0 0 0 9h4M16 8l-3.5-3.500M16 8l-3.5 3.5",
  compare: "M10 2.500v15M7.5 5H4.500A1.5 1.5 0 0 0 3 6.500v7A1.5 1.5 0 0 0 4.5 15h3M12.5 5h3A1.5 1.5 0 0 1 17 6.500v7a1.5 1.5 0 0 1-1.5 1.500h-3",
  more: "M4 6h12M4 10h12M4 14h12",
  minus: "M5 10h10", plus: "M5 10h10M10 5v10",
  left: "M12 4.5 6.5 10l5.5 5.5", right: "M8 4.500l5.5 5.500L8 15.5",
  fill: "M10 2.500l1.7 4.3 4.3 1.7-4.3 1.700L10 14.500l-1.7-4.300L4 8.500l4.3-1.700zM15.5 13l.7 1.8 1.8.7-1.8.7-.7 1.8-.7-1.8-1.8-.7 1.8-.7z",
  close: "M5 5l10 10M15 5 5 15", grid: "M3.5 4h5.500v5.500H3.500zM11 4h5.500v5.500H11zM3.5 11.500h5.500V17H3.500zM11 11.500h5.500V17H11z",
};

export function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 20 20");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", strokes[name]);
  picture.append(path);
  return picture;
}

export function drawIcons() {
  for (const node of document.querySelectorAll("[data-icon]")) node.prepend(icon(node.dataset.icon));
}

// A message at the bottom; errors stay until they are read.
export function toast(text, { isError = false, action = null } = {}) {
  const node = element("div", { class: isError ? "toast error" : "toast" }, element("span", {}, text));
  const close = () => node.remove();
  if (action) {
    node.append(element("button", { onclick() { close(); action.run(); } }, action.name));
  }
  node.append(element("button", { class: "bare", "aria-label": "Close", onclick: close }, icon("close")));
  const toasts = byId("toasts");
  for (const old of [...toasts.children].filter(other => other.textContent === node.textContent)) old.remove();
  while (toasts.children.length > 2) toasts.firstChild.remove();
  toasts.append(node);
  setTimeout(close, isError ? 15000 : 4500);
}

export const showError = error => {
  if (error?.name !== "AbortError") toast(error?.message || String(error), { isError: true });
};

// Opens a dialog; the value of the button that closes it.
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise(resolve => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

export function seconds(value) {
  if (value < 0.995) return `${Math.max(1, Math.round(value * 1000))} ms`;
  return value < 99.5 ? `${value.toFixed(value < 9.95 ? 1 : 0)} s` : `${Math.round(value / 60)} min`;
}

// What the reader has chosen, kept in this browser.
export const choices = {
  get(name, fallback) {
    try {
      const value = localStorage.getItem(`inpaint studio ${name}`);
      return value == null ? fallback : JSON.parse(value);
    } catch { return fallback; }
  },
  set(name, value) {
    try { localStorage.setItem(`inpaint studio ${name}`, JSON.stringify(value)); } catch { /* lasts for this view */ }
  },
};

export const stillMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
