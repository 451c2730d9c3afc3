// What was done, so that it can be undone and done again.

export class History {
  #done = [];
  #undone = [];
  #changed;

  constructor(changed) { this.#changed = changed; }

  get canUndo() { return this.#done.length > 0; }
  get canRedo() { return this.#undone.length > 0; }

  // Adds something that is done already: `{ undo(), redo() }`.
  add(entry) {
    this.#done.push(entry);
    this.#undone = [];
    if (this.#done.length > 2000) this.#done.shift();
    this.#changed();
  }

  undo() { this.#move(this.#done, this.#undone, "undo"); }
  redo() { this.#move(this.#undone, this.#done, "redo"); }

  #move(from, to, what) {
    const entry = from.pop();
    if (!entry) return;
    entry[what]();
    to.push(entry);
    this.#changed();
  }
}
