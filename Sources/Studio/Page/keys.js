// Keys for everything.

import { byId, element } from "./elements.js";

const help = [
  ["Picture", [
    ["Ctrl O", "open"], ["Ctrl V", "paste"], ["Ctrl S", "save"], ["Ctrl C", "copy the result"],
    ["PgUp / PgDn", "previous, next of the folder"],
  ]],
  ["Tools", [
    ["B", "brush"], ["E", "eraser"], ["R", "rectangle"], ["L", "lasso"], ["H", "move"],
    ["[ / ]", "smaller, larger brush"], ["Alt wheel", "the same"], ["Alt, right button", "erase while painting"],
  ]],
  ["Mask", [
    ["I", "invert"], ["G / S", "grow, shrink"], ["Delete", "clear"], ["M", "the last mask again"],
  ]],
  ["Filling", [
    ["Enter", "fill"], ["Ctrl Z", "undo"], ["Shift Ctrl Z", "redo"], ["O", "hold for the original"],
    ["D", "before and after"], ["Esc", "give up, cancel, fit"],
  ]],
  ["Looking", [
    ["wheel, pinch", "zoom"], ["Space, middle button", "move"], ["+ / −", "zoom"], ["0 / 1", "fit, 100 %"],
  ]],
  ["Without a mouse, on the picture", [
    ["arrows", "move the cursor; Shift: farther"], ["X", "pen down, pen up"],
  ]],
];

export function showHelp() {
  byId("keys").replaceChildren(...help.map(([title, rows]) => element(
    "section", {}, element("h3", {}, title),
    element("dl", {}, ...rows.flatMap(([keys, words]) => [
      element("dt", {}, ...keys.split(" / ").flatMap((key, index) => [
        index ? " / " : null, ...key.split(" ").length > 1 && /^(Ctrl|Shift|Alt)/.test(key)
          ? key.split(" ").map(part => element("kbd", {}, part)) : [element("kbd", {}, key)]])),
      element("dd", {}, words)])))));
  if (!byId("help-dialog").open) byId("help-dialog").showModal();
}

export function listenForKeys(studio) {
  const { tools, stage } = studio;
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const plain = {
    b: () => tools.choose("brush"), e: () => tools.choose("eraser"), r: () => tools.choose("rectangle"),
    l: () => tools.choose("lasso"), h: () => tools.choose("hand"),
    "[": () => tools.changeSize(false), "]": () => tools.changeSize(true),
    i: () => studio.changeMask("invert"), g: () => studio.changeMask("grow"), s: () => studio.changeMask("shrink"),
    Delete: () => studio.changeMask("clear"), Backspace: () => studio.changeMask("clear"),
    m: () => studio.maskAgain(), d: () => studio.toggleCompare(),
    o: () => studio.holdOriginal(true),
    "+": () => stage.zoom(1.25), "=": () => stage.zoom(1.25), "-": () => stage.zoom(0.8),
    0: () => stage.fit(), 1: () => stage.zoom(1 / stage.scale / (devicePixelRatio || 1)),
    x: () => tools.penByKey(), Enter: () => studio.fills.fill(), "?": showHelp,
    PageUp: () => studio.step(-1), PageDown: () => studio.step(1),
    Escape: () => tools.escape() || studio.fills.cancelAll() || stage.fit(),
  };
  const withControl = {
    z: () => studio.undo(), Z: () => studio.redo(), y: () => studio.redo(), s: () => studio.saving.open(),
    o: () => studio.chooseFile(),
  };

  addEventListener("keydown", event => {
    if (document.querySelector("dialog[open]") || studio.view !== "fill") return;
    const control = event.ctrlKey || event.metaKey;
    const isText = event.target.closest?.("input[type=text], select, textarea");
    if (isText) return;
    if (control) {
      const action = withControl[event.shiftKey && event.key.toLowerCase() === "z" ? "Z" : event.key.toLowerCase()];
      if (!action || event.altKey) return;
      event.preventDefault();
      return action();
    }
    if (event.altKey) {
      // The browser's menu would open when the key comes up.
      if (event.key === "Alt" && stage.picture) event.preventDefault();
      return;
    }
    const isOnStage = document.activeElement === stage.node;
    if (event.key === " " && (isOnStage || document.activeElement === document.body)) {
      event.preventDefault();
      tools.isSpaceHeld = true;
      stage.node.classList.add("can-move");
      return;
    }
    if (!studio.picture) return void (event.key === "?" && showHelp());
    if (arrows[event.key] && isOnStage) {
      event.preventDefault();
      return tools.moveByKey(...arrows[event.key], event.shiftKey);
    }
    // Keys of the element that has the focus come first.
    const isControl = event.target.closest?.("button, a, input, summary, [role=slider]");
    if (isControl && (event.key === "Enter" || event.key.startsWith("Page"))) return;
    const action = plain[event.key] ?? plain[event.key.toLowerCase()];
    if (!action || (event.repeat && "xo".includes(event.key.toLowerCase()))) return;
    event.preventDefault();
    action();
  });

  addEventListener("keyup", event => {
    if (event.key === " ") {
      tools.isSpaceHeld = false;
      stage.node.classList.remove("can-move");
    }
    if (event.key.toLowerCase() === "o") studio.holdOriginal(false);
  });
  addEventListener("blur", () => {
    tools.isSpaceHeld = false;
    studio.holdOriginal(false);
  });
}
