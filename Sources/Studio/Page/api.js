// The studio's server, in words. Addresses are relative, so that the page works below a proxy's path.

export const session = Array.from(
  crypto.getRandomValues(new Uint8Array(12)), byte => byte.toString(16).padStart(2, "0")).join("");

async function request(path, options = {}) {
  let answer;
  try {
    answer = await fetch(`api/${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The studio does not answer. Is it still running where it was started?");
  }
  if (answer.ok) return answer;
  let message = `The studio answered ${answer.status}.`;
  try { message = (await answer.json()).error || message; } catch { /* no JSON: the number says it */ }
  throw Object.assign(new Error(message), { status: answer.status });
}

const json = async (path, options) => (await request(path, options)).json();
const query = values => new URLSearchParams(
  Object.entries(values).filter(([, value]) => value != null)).toString();

export const api = {
  status: () => json("status"),
  networks: () => json("networks"),
  folder: () => json("folder"),
  masks: () => json("masks"),
  runs: () => json("runs"),
  report: run => json(`runs/${encodeURIComponent(run)}/report`),
  open: (file, name, signal) => json(`pictures?${query({ name })}`, { method: "POST", body: file, signal }),
  openFromFolder: (id, signal) => json(`folder/${id}`, { method: "POST", signal }),
  view: async (picture, signal) => (await request(`pictures/${picture}/view`, { signal })).blob(),
  close: picture => request(`pictures/${picture}`, { method: "DELETE" }).catch(() => {}),
  part: async (picture, name) => (await request(`pictures/${picture}/parts/${name}`)).blob(),
  mask: async (picture, file) => (await request(
    `pictures/${picture}/mask?${query({ name: file.name || "The mask" })}`, { method: "POST", body: file })).blob(),
  maskFromFolder: async (id, picture) => (await request(`masks/${id}?${query({ picture })}`)).blob(),
  faces: async (values, signal) => (await request(`faces?${query(values)}`, { signal })).blob(),
  fill: (values, mask) => json(`fills?${query({ ...values, session })}`, { method: "POST", body: mask }),
  fillState: id => json(`fills/${id}`),
  cancel: id => json(`fills/${id}`, { method: "DELETE" }),
  patch: async id => (await request(`fills/${id}/patch`)).blob(),
  pictureAddress: (id, form) => `api/fills/${id}/picture?${query(form)}`,
  picture: async (id, form) => (await request(`fills/${id}/picture?${query(form)}`)).blob(),
  save: (id, form) => json(`fills/${id}/save?${query(form)}`, { method: "POST" }),
  thumbnail: id => `api/folder/${id}/thumbnail`,
};

// Hears of fills, while there are any: a browser has few connections to a server, and each open stream
// holds one.
export class FillEvents {
  #source = null;
  #wanted = 0;
  #listener;
  #missed;

  constructor(listener, missed) { [this.#listener, this.#missed] = [listener, missed]; }

  begin() {
    this.#wanted += 1;
    if (this.#source) return;
    const source = new EventSource(`api/events?session=${session}`);
    this.#source = source;
    source.addEventListener("fill", event => this.#listener(JSON.parse(event.data)));
    // What was over before the stream stood is asked for.
    source.addEventListener("ready", () => this.#missed());
  }

  end() {
    this.#wanted -= 1;
    if (this.#wanted > 0) return;
    this.#source?.close();
    this.#source = null;
  }
}

addEventListener("pagehide", () => navigator.sendBeacon?.(`api/sessions/${session}/close`));
