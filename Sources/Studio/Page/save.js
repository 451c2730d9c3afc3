// Saving: as a download, into the folder that the studio was started with, or to the clipboard.

import { api } from "./api.js";
import { byId, choices, element, showError, toast } from "./elements.js";

export class Saving {
  constructor(studio) {
    this.studio = studio;
    this.format = choices.get("format", null);
    byId("save").addEventListener("click", () => this.open());
    byId("copy").addEventListener("click", () => this.copy());
    byId("save-cancel").addEventListener("click", () => byId("save-dialog").close());
    byId("save-download").addEventListener("click", () => this.#download());
    byId("save-folder").addEventListener("click", () => this.#saveToFolder().catch(showError));
    byId("quality").addEventListener("input", () => this.#show());
    byId("save-dialog").addEventListener("keydown", event => {
      if (event.key !== "Enter" || event.target.closest("button")) return;
      event.preventDefault();
      if (byId("save-folder").hidden) this.#download();
      else this.#saveToFolder().catch(showError);
    });
    for (const button of document.querySelectorAll("[data-format]")) {
      button.addEventListener("click", () => {
        this.format = button.dataset.format;
        choices.set("format", this.format);
        this.#show();
      });
    }
  }

  // Results as they are in the picture now.
  open() {
    const { picture } = this.studio;
    if (!picture?.result) return toast("Nothing is filled yet.");
    const dialog = byId("save-dialog");
    if (dialog.open) return;
    byId("save-name").value = `${picture.facts.name.replace(/\.(png|jpe?g)$/i, "")}-filled`;
    byId("save-folder").hidden = !this.studio.status.saves;
    byId("save-folder").classList.toggle("primary", this.studio.status.saves);
    byId("save-download").classList.toggle("primary", !this.studio.status.saves);
    this.#show();
    dialog.showModal();
    byId("save-name").select();
  }

  #show() {
    const { facts } = this.studio.picture;
    const format = this.format ?? facts.format;
    for (const button of document.querySelectorAll("[data-format]")) {
      button.setAttribute("aria-checked", String(button.dataset.format === format));
    }
    byId("quality-field").hidden = format !== "jpeg";
    byId("quality-text").textContent = byId("quality").value;
    const lost = [facts.bits === 16 && "16 bits a channel become 8", facts.channels === 4 && "transparency is lost"]
      .filter(Boolean).join("; ");
    byId("save-note").textContent = format === "png"
      ? "What was not filled stays as it is, pixel for pixel."
      : `Smaller, and every pixel changes a little${lost ? `; ${lost}` : ""}.`;
  }

  #form() {
    const format = this.format ?? this.studio.picture.facts.format;
    return {
      format, quality: format === "jpeg" ? byId("quality").value : null, name: byId("save-name").value.trim() || null,
    };
  }

  #download() {
    const { picture } = this.studio;
    const link = element("a", { href: api.pictureAddress(picture.result, this.#form()), download: "" });
    document.body.append(link);
    link.click();
    link.remove();
    this.#done();
  }

  async #saveToFolder() {
    const button = byId("save-folder");
    button.disabled = true;
    try {
      const { name } = await api.save(this.studio.picture.result, this.#form());
      this.#done();
      toast(`Saved as ${name}`);
    } finally {
      button.disabled = false;
    }
  }

  #done() {
    const { picture } = this.studio;
    picture.savedResult = picture.result;
    byId("save-dialog").close();
  }

  async copy() {
    const { picture } = this.studio;
    if (!picture?.result) return toast("Nothing is filled yet.");
    if (!navigator.clipboard || !window.ClipboardItem) {
      return toast("The browser lets pages copy pictures only on this machine itself, or over https.", { isError: true });
    }
    try {
      await navigator.clipboard.write([
        new ClipboardItem({ "image/png": api.picture(picture.result, { format: "png" }) }),
      ]);
      toast("Copied");
    } catch (error) { showError(error); }
  }
}
