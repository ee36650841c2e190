// The studio's page: it asks the API, shows the answers, and keeps nothing of its own but a draft.
"use strict";

const LONGEST_STORY = 10000;
const SHORTEST_STORY = 10;
const LINES_AT_FIRST = 12;
const LIVE_INTERVAL_MS = 2500;
const RETRY_MS = 3000;
const PICTURE_TRIES = 4;

const BEINGS = [
  "human", "alien", "apple", "badger", "bat", "bear", "bee", "bird", "boat", "book", "bus", "butterfly",
  "camel", "candle", "carrot", "cat", "clock", "cloud", "cow", "crab", "creature", "crocodile", "crow",
  "deer", "dinosaur", "doe", "dog", "donkey", "dragon", "drop", "duck", "elephant", "fish", "flower", "fox",
  "frog", "ghost", "giraffe", "goat", "goose", "hedgehog", "hen", "horse", "kangaroo", "kettle", "ladybird",
  "lion", "lioness", "mole", "monkey", "moon", "mouse", "octopus", "owl", "panda", "parrot", "pencil",
  "penguin", "pig", "rabbit", "raccoon", "robot", "rooster", "sheep", "snail", "snake", "snowman", "spider",
  "squirrel", "star", "sun", "thing", "tiger", "tortoise", "tractor", "tree", "troll", "unicorn", "whale",
  "wolf", "worm",
];
const AGES = ["unknown", "child", "adult", "elder"];
const GENDERS = ["unknown", "female", "male", "neutral"];
const TIMES = ["unknown", "dawn", "day", "dusk", "night"];
const WEATHERS = ["clear", "rain", "snow", "fog", "wind", "storm"];
const UNKNOWN = { age: "not said", gender: "not said", time: "not said", place: "nowhere in particular" };
const STAGES = { waiting: "Waiting for its turn", preparing: "Setting the stage", drawing: "Drawing", finishing: "Finishing the film", done: "Ready", failed: "Not made", cancelled: "Called off" };

const $ = (id) => document.getElementById(id);
const text = (node, value) => { node.textContent = value; };
const show = (node, visible = true) => { node.hidden = !visible; };

// ---------------------------------------------------------------- asking

class Problem extends Error {
  constructor(status, detail, retryAfter) { super(detail); this.status = status; this.retryAfter = retryAfter; }
}

// What changes something shows a token of this browser's session; a studio that was started anew wants another one.
let token = null;
async function send(path, { headers, ...request }) {
  const isFresh = !token;
  if (isFresh) {
    const given = await fetch("/api/session");
    if (!given.ok) return given;
    token = (await given.json()).token;
  }
  const answer = await fetch(path, { ...request, headers: { ...headers, "X-Fabula": token } });
  if (answer.status !== 403 || isFresh) return answer;
  token = null;
  return send(path, { headers, ...request });
}

async function ask(method, path, { json, body, type, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (json !== undefined) { headers["Content-Type"] = "application/json"; body = JSON.stringify(json); }
  if (type) headers["Content-Type"] = type;
  let answer;
  try {
    answer = await (method === "GET" ? fetch : send)(path, { method, headers, body, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    offline();
    throw new Problem(0, "the studio does not answer; is it still running?");
  }
  if (answer.status === 401) {
    await askForKey();
    return ask(method, path, { json: json, body, type, signal });
  }
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, content?.detail ?? `the studio answered ${answer.status}`, Number(answer.headers.get("Retry-After")) || 0);
  return content;
}

function sentence(words) {
  // A file's name stays as it is.
  const whole = /^\S+\.\w+ /.test(words) ? words : words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

function complain(node, error) {
  if (error?.name === "AbortError") return;
  text(node, sentence(error.message || String(error)));
  show(node);
  node.scrollIntoView({ block: "nearest" });
}

let probing = false;
function offline() {
  show($("offline"));
  if (probing) return;
  probing = true;
  const probe = async () => {
    try {
      if ((await fetch("/health")).ok) { probing = false; show($("offline"), false); refreshFilms(); return; }
    } catch { /* still away */ }
    setTimeout(probe, RETRY_MS);
  };
  setTimeout(probe, RETRY_MS);
}

let keyAsked = null;
function askForKey() {
  keyAsked ??= new Promise((resolve) => {
    const dialog = $("key-dialog");
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    $("key-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      show($("key-error"), false);
      const answer = await send("/api/session", { method: "POST", headers: { Authorization: `Bearer ${$("key").value.trim()}` } }).catch(() => null);
      if (answer?.ok) { dialog.close(); keyAsked = null; resolve(); } else complain($("key-error"), new Error(answer?.status === 401 ? "that is not the key of this studio" : "the key could not be checked; try again"));
    });
    dialog.showModal();
  });
  return keyAsked;
}

function sure(title, words) {
  const dialog = $("sure");
  text($("sure-title"), title);
  text($("sure-words"), words);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

// ---------------------------------------------------------------- words

function clock(seconds) {
  // As players count.
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${String(m).padStart(2, "0")}:${String(s).padStart(2, "0")}` : `${m}:${String(s).padStart(2, "0")}`;
}
function roughly(seconds) {
  if (seconds < 10) return "a few seconds";
  if (seconds < 90) return `${Math.round(seconds / 5) * 5} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}
function counted(number, one, many = `${one}s`) { return `${number.toLocaleString("en")} ${number === 1 ? one : many}`; }
function size(bytes) { return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`; }
function list(words) { return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`; }

function options(select, values, chosen, label = (value) => value) {
  const all = values.some((value) => value === chosen) ? values : [chosen, ...values];
  select.replaceChildren(...all.map((value) => {
    const option = document.createElement("option");
    option.value = value ?? "";
    text(option, label(value));
    option.selected = value === chosen;
    return option;
  }));
}

let labels = 0;
function fill(template) {
  const node = $(template).content.firstElementChild.cloneNode(true);
  for (const field of node.querySelectorAll(".field")) {
    const input = field.querySelector("input, select");
    input.id = `field-${++labels}`;
    field.querySelector("label").htmlFor = input.id;
  }
  return node;
}

function picture(image, source, alt) {
  image.alt = alt;
  image.classList.add("waiting");
  image.classList.remove("lost");
  let tries = 1;
  image.onload = () => image.classList.remove("waiting");
  // Many wait to be drawn at times; later it is their turn.
  image.onerror = () => {
    if (tries < PICTURE_TRIES) {
      setTimeout(() => { if (image.isConnected) image.src = `${source}${source.includes("?") ? "&" : "?"}again=${tries}`; }, RETRY_MS * tries);
      tries += 1;
      return;
    }
    image.alt = "This picture could not be drawn.";
    image.classList.remove("waiting");
    image.classList.add("lost");
  };
  image.src = source;
}

// ---------------------------------------------------------------- what may be asked for

let limits = { document_bytes: 10 * 1024 * 1024, kept_s: 24 * 3600 };

function megabytes(bytes) { return `${Math.round(bytes / 1024 / 1024)} MB`; }
function duration(seconds) {
  const hours = Math.round(seconds / 3600);
  if (hours === 24) return "a day";
  return hours < 72 ? counted(hours, "hour") : counted(Math.round(hours / 24), "day");
}

async function learnLimits() {
  limits = await ask("GET", "/api/limits");
  text($("largest-document"), megabytes(limits.document_bytes));
  text($("kept-for"), duration(limits.kept_s));
}

// ---------------------------------------------------------------- 1: the story

const story = $("text");

function countStory() {
  const count = [...story.value.trim()].length;
  text($("count-number"), count.toLocaleString("en"));
  $("count").classList.toggle("over", count > LONGEST_STORY);
  try { sessionStorage.setItem("draft", story.value); } catch { /* private window */ }
  return count;
}

async function readStory(request, words) {
  show($("story-error"), false);
  text($("reading-words"), words);
  show($("reading"));
  $("read").disabled = true;
  try {
    const answer = await request();
    showAnalysis(answer);
    enter($("understood"));
  } catch (error) {
    complain($("story-error"), error);
  } finally {
    show($("reading"), false);
    $("read").disabled = false;
  }
}

function readText() {
  const count = countStory();
  if (count < SHORTEST_STORY) return complain($("story-error"), new Error(count ? "that is too short for a film; write a sentence or two" : "write or paste a story first, or choose one of the examples")), story.focus({ preventScroll: true });
  if (count > LONGEST_STORY) return complain($("story-error"), new Error(`that is ${(count - LONGEST_STORY).toLocaleString("en")} characters too long; make a film of each chapter`)), story.focus({ preventScroll: true });
  return readStory(() => ask("POST", "/api/analyses", { json: { text: story.value } }), "Reading the story: who is in it, who speaks, how each line feels, and where it happens…");
}

function readFile(file) {
  if (!file) return undefined;
  if (file.size > limits.document_bytes) return complain($("story-error"), new Error(`${file.name} is larger than ${megabytes(limits.document_bytes)}; save its text alone`));
  if (file.size === 0) return complain($("story-error"), new Error(`${file.name} is empty`));
  return readStory(() => ask("POST", `/api/analyses?name=${encodeURIComponent(file.name)}`, { body: file, type: "application/octet-stream" }), `Reading ${file.name}…`);
}

function watchDrops() {
  const zone = $("story");
  const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let depth = 0;
  addEventListener("dragover", (event) => { if (carriesFile(event)) event.preventDefault(); });
  addEventListener("drop", (event) => { if (carriesFile(event)) event.preventDefault(); });
  zone.addEventListener("dragenter", (event) => { if (carriesFile(event)) { depth += 1; zone.classList.add("dropping"); } });
  zone.addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) zone.classList.remove("dropping"); });
  zone.addEventListener("drop", (event) => {
    depth = 0;
    zone.classList.remove("dropping");
    if (carriesFile(event)) readFile(event.dataTransfer.files[0]);
  });
}

async function showExamples() {
  const { examples } = await ask("GET", "/api/examples");
  $("example-list").replaceChildren(...examples.map((example) => {
    const item = fill("example-template");
    text(item.querySelector("b"), example.title);
    text(item.querySelector("span"), `${example.kind}, ${example.text.split(/\s+/).length} words`);
    item.querySelector("button").addEventListener("click", () => {
      story.value = example.text.trim();
      countStory();
      show($("story-error"), false);
      story.focus();
      story.setSelectionRange(0, 0);
      story.scrollTop = 0;
      $("story").scrollIntoView({ block: "start" });
    });
    return item;
  }));
  show($("examples"));
}

// ---------------------------------------------------------------- 2: what was understood

let analysis = null;
let allLines = false;

function nameOf(id) { return analysis.cast.find((role) => role.id === id)?.name; }

function showAnalysis(answer) {
  const isNew = analysis?.id !== answer.id;
  analysis = answer;
  if (isNew) { allLines = false; text($("saved"), ""); }
  place();
  for (const id of ["understood", "film"]) show($(id));
  show($("understood-error"), false);
  if (document.activeElement !== $("title")) $("title").value = answer.title;
  text($("facts"), `A film of about ${clock(answer.film_length_s)}: ${counted(answer.words, "word")}, ${counted(answer.cast.length, "character")}, ${counted(answer.lines.length, "line")} of speech, ${counted(answer.scenes.length, "scene")}.${answer.edited ? " Its storyboard was edited by hand; a change here plans it anew." : ""}`);
  $("board-download").href = `/api/analyses/${answer.id}/storyboard?download`;
  showCast();
  showScenes();
  showLines();
}

function keepFocus(container, rebuild) {
  const active = document.activeElement;
  const path = container.contains(active) ? [[...container.children].findIndex((item) => item.contains(active)), active.className] : null;
  const open = [...container.querySelectorAll("details")].map((details) => details.open);
  rebuild();
  [...container.querySelectorAll("details")].forEach((details, index) => { details.open = open[index] ?? false; });
  if (path) [...container.children[path[0]]?.querySelectorAll("input, select, button, summary") ?? []].find((node) => node.className === path[1])?.focus();
}

function showCast() {
  show($("no-cast"), analysis.cast.length === 0);
  keepFocus($("cast"), () => $("cast").replaceChildren(...analysis.cast.map((role) => {
    const item = fill("role-template");
    const find = (name) => item.querySelector(`.${name}`);
    if (role.color) find("face").style.setProperty("--role", role.color);
    if (role.on_stage) picture(find("face").querySelector("img"), `/api/analyses/${analysis.id}/portraits/${encodeURIComponent(role.id)}?v=${analysis.revision}`, `Portrait of ${role.name}`);
    const name = find("name");
    name.value = role.name;
    name.addEventListener("change", () => name.value.trim() ? correct({ characters: [{ id: role.id, name: name.value }] }) : (name.value = role.name));
    const facts = [role.being];
    if (role.age !== "unknown") facts.push(role.age);
    if (role.gender === "female" || role.gender === "male") facts.push(role.gender);
    text(find("about"), `${facts.join(", ")} · ${role.lines ? counted(role.lines, "line") : "says nothing"}${role.aliases.length ? ` · also ${list(role.aliases.slice(0, 3))}` : ""}`);
    const choose = (key, values, other) => {
      options(find(key), values, role[key], (value) => value === "unknown" ? UNKNOWN[key] : value);
      find(key).addEventListener("change", (event) => correct({ characters: [{ id: role.id, [key]: event.target.value, ...other }] }));
    };
    choose("being", BEINGS);
    choose("age", AGES);
    choose("gender", GENDERS);
    for (const key of ["hair", "color", "clothes", "wears", "size", "build"]) {
      find(key).value = role.traits[key] ?? "";
      find(key).addEventListener("change", (event) => correct({ characters: [{ id: role.id, traits: { [key]: event.target.value.trim() || null } }] }));
    }
    return item;
  })));
}

function showScenes() {
  keepFocus($("scenes"), () => $("scenes").replaceChildren(...analysis.scenes.map((scene) => {
    const item = fill("scene-template");
    const find = (name) => item.querySelector(`.${name}`);
    text(item.querySelector("h4"), `Scene ${scene.index + 1}`);
    text(find("excerpt"), scene.excerpt);
    const present = scene.present.map(nameOf).filter(Boolean);
    text(find("present"), present.length ? `There: ${list(present)}` : "Nobody is there");
    picture(find("still").querySelector("img"), `/api/analyses/${analysis.id}/picture?at=${scene.picture_at_s}&v=${analysis.revision}`, `Picture of scene ${scene.index + 1}: ${scene.place}`);
    const choose = (key, values) => {
      options(find(key), values, scene[key], (value) => value === "unknown" || value === "" ? UNKNOWN[key] : value);
      find(key).addEventListener("change", (event) => correct({ scenes: [{ index: scene.index, [key]: event.target.value }] }));
    };
    choose("place", analysis.places);
    choose("time", TIMES);
    choose("weather", WEATHERS);
    choose("emotion", analysis.emotions);
    find("indoor").checked = scene.indoor;
    find("indoor").addEventListener("change", (event) => correct({ scenes: [{ index: scene.index, indoor: event.target.checked }] }));
    return item;
  })));
}

function showLines() {
  const lines = allLines ? analysis.lines : analysis.lines.slice(0, LINES_AT_FIRST);
  show($("no-lines"), analysis.lines.length === 0);
  show($("more-lines"), lines.length < analysis.lines.length);
  text($("more-lines"), `Show all ${analysis.lines.length} lines`);
  const speakers = [null, ...analysis.cast.map((role) => role.id)];
  keepFocus($("lines"), () => $("lines").replaceChildren(...lines.map((line) => {
    const item = fill("line-template");
    const find = (name) => item.querySelector(`.${name}`);
    item.dataset.emotion = line.emotion;
    text(find("before"), line.before);
    text(find("words"), line.text);
    options(find("speaker"), speakers, line.speaker, (id) => id === null ? "somebody unseen" : nameOf(id) ?? id);
    find("speaker").addEventListener("change", (event) => correct({ lines: [{ index: line.index, speaker: event.target.value || null }] }));
    options(find("emotion"), analysis.emotions, line.emotion);
    find("emotion").addEventListener("change", (event) => correct({ lines: [{ index: line.index, emotion: event.target.value }] }));
    return item;
  })));
}

// Corrections are sent one after another, so that none overtakes another.
let correcting = Promise.resolve();
function correct(corrections) {
  const id = analysis.id;
  text($("saved"), "Saving…");
  correcting = correcting.then(async () => {
    try {
      const answer = await ask("PATCH", `/api/analyses/${id}`, { json: corrections });
      if (analysis?.id === id) showAnalysis(answer);
      text($("saved"), "Saved");
    } catch (error) {
      text($("saved"), "");
      complain($("understood-error"), error);
      if (analysis?.id === id) { $("title").value = analysis.title; showCast(); showScenes(); showLines(); }
    }
  });
  return correcting;
}

async function forgetStory() {
  if (!await sure("Delete this story?", "What was read of it, and your corrections, are removed from this machine. Films that were made of it stay.")) return;
  try {
    await ask("DELETE", `/api/analyses/${analysis.id}`);
    analysis = null;
    for (const id of ["understood", "film"]) show($(id), false);
    story.value = "";
    countStory();
    place();
    enter($("story"));
  } catch (error) { complain($("understood-error"), error); }
}

// ---------------------------------------------------------------- 3: the film

let film = null;
let events = null;
let lastLive = 0;

async function makeFilm() {
  show($("film-error"), false);
  $("make").disabled = true;
  try {
    await correcting;
    const form = new FormData($("film-form"));
    const wanted = { aspect: form.get("aspect"), size: form.get("size"), fps: Number(form.get("fps")), quality: form.get("quality"), captions: form.get("captions") };
    const answer = await ask("POST", "/api/films", { json: { analysis: analysis.id, options: wanted } });
    watchFilm(answer);
    enter($("show"));
    refreshFilms();
  } catch (error) {
    complain($("film-error"), error);
  } finally {
    $("make").disabled = false;
  }
}

function watchFilm(answer) {
  events?.close();
  events = null;
  film = null;
  show($("show-error"), false);
  const video = $("video");
  video.pause();
  video.removeAttribute("src");
  video.removeAttribute("poster");
  video.replaceChildren();
  show(video, false);
  show($("live"), false);
  $("live").removeAttribute("src");
  show($("show"));
  showFilm(answer);
  if (isFinal(answer)) return;
  const source = new EventSource(`/api/films/${answer.id}/events`);
  events = source;
  source.addEventListener("film", (event) => {
    const changed = JSON.parse(event.data);
    const isNews = changed.stage !== film?.stage;
    showFilm(changed);
    if (isFinal(changed)) source.close();
    if (isNews) refreshFilms();
  });
  source.addEventListener("gone", () => { source.close(); closeFilm(); refreshFilms(); });
  source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) { offline(); setTimeout(() => { if (film?.id === answer.id && !isFinal(film)) reopen(answer.id); }, RETRY_MS); } else fetch("/health").catch(offline); });
}

async function reopen(id) {
  try { watchFilm(await ask("GET", `/api/films/${id}`)); } catch (error) { if (error.status === 404) closeFilm(); else setTimeout(() => reopen(id), RETRY_MS); }
}

function isFinal(one) { return ["done", "failed", "cancelled"].includes(one.state); }

function showFilm(changed) {
  const before = film;
  film = changed;
  place();
  text($("show-title"), changed.title);
  $("screen").style.aspectRatio = `${changed.width} / ${changed.height}`;
  const running = !isFinal(changed);
  show($("progress"), running);
  show($("delete"), !running);
  show($("done"), changed.state === "done");
  show($("again"), !running && analysis?.id === changed.analysis);
  show($("show-note"), changed.state === "cancelled");
  if (changed.state === "cancelled") text($("show-note"), "This film was called off. Nothing of it was kept but its plan.");
  if (changed.state === "failed") complain($("show-error"), new Error(changed.error ?? "the film could not be made"));
  if (running) showProgress(changed);
  show($("dark"), running && $("live").hidden);
  if (changed.state === "done" && before?.state !== "done") showDone(changed);
  if (!running && changed.state !== "done") { show($("live"), false); show($("dark"), false); }
  show($("screen"), running || changed.state === "done");
}

function showProgress(changed) {
  const frames = changed.frames ?? { done: 0, total: 0, per_s: 0 };
  const stage = changed.stage === "waiting" && changed.ahead ? `Waiting: ${counted(changed.ahead, "film")} before this one` : STAGES[changed.stage] ?? changed.stage;
  if ($("stage").textContent !== stage) text($("stage"), stage);
  const bar = $("bar");
  if (frames.total) { bar.value = frames.done / frames.total; text($("percent"), `${Math.floor(100 * frames.done / frames.total)}%`); } else { bar.removeAttribute("value"); text($("percent"), ""); }
  text($("frames"), frames.total ? `${frames.done.toLocaleString("en")} of ${frames.total.toLocaleString("en")}` : "–");
  text($("speed"), frames.per_s ? `${frames.per_s.toFixed(1)} a second` : "–");
  text($("left"), frames.left_s === undefined ? "–" : roughly(frames.left_s));
  document.title = frames.total ? `${Math.floor(100 * frames.done / frames.total)}% – ${changed.title}` : `${changed.title} – fabula`;
  if (changed.stage === "drawing" && !document.hidden && performance.now() - lastLive > LIVE_INTERVAL_MS) showLive(changed);
}

// The next picture takes the place of the last one once it is there.
function showLive(changed) {
  lastLive = performance.now();
  const next = new Image();
  next.onload = () => {
    if (film?.id !== changed.id || isFinal(film)) return;
    $("live").src = next.src;
    $("live").alt = `The film at frame ${changed.frames.done}`;
    show($("live"));
    show($("dark"), false);
  };
  next.src = `/api/films/${changed.id}/picture?n=${changed.frames.done}`;
}

function showDone(changed) {
  const base = `/api/films/${changed.id}`;
  const video = $("video");
  show($("live"), false);
  show($("dark"), false);
  video.setAttribute("aria-label", `The film ${changed.title}`);
  if (changed.options.captions === "sidecar" || changed.options.captions === "both") {
    const track = document.createElement("track");
    Object.assign(track, { kind: "captions", label: "English", srclang: "en", src: `${base}/captions.vtt`, default: changed.options.captions === "sidecar" });
    video.append(track);
  }
  // A film begins in the dark.
  video.poster = `${base}/picture`;
  video.src = `${base}/film.mp4`;
  show(video);
  document.title = `${changed.title} – fabula`;
  text($("done-facts"), [clock(changed.length_s ?? 0), `${changed.width} × ${changed.height}`, `${changed.options.fps} frames a second`, changed.size_bytes && size(changed.size_bytes), changed.gpu && `drawn by ${changed.gpu}`].filter(Boolean).join(" · "));
  $("get-film").href = `${base}/film.mp4?download`;
  $("get-srt").href = `${base}/captions.srt?download`;
  $("get-vtt").href = `${base}/captions.vtt?download`;
  $("get-board").href = `${base}/storyboard.json?download`;
  for (const id of ["get-srt", "get-vtt"]) show($(id), changed.options.captions !== "none");
}

function closeFilm() {
  events?.close();
  film = null;
  $("video").pause();
  show($("show"), false);
  document.title = "fabula – a story becomes a film";
  place();
}

async function cancelFilm() {
  $("cancel").disabled = true;
  try { showFilm(await ask("POST", `/api/films/${film.id}/cancel`)); } catch (error) { complain($("show-error"), error); } finally { $("cancel").disabled = false; }
  refreshFilms();
}

async function deleteFilm(one) {
  if (!await sure(`Delete “${one.title}”?`, "The film and everything that belongs to it are removed from this machine.")) return;
  try {
    await ask("DELETE", `/api/films/${one.id}`);
    if (film?.id === one.id) { closeFilm(); enter($("films")); }
  } catch (error) { complain($("show-error"), error); }
  refreshFilms();
}

async function refreshFilms() {
  let films;
  try { ({ films } = await ask("GET", "/api/films")); } catch (error) {
    if (error.status) complain($("films-error"), error);
    return;
  }
  show($("films-error"), false);
  show($("no-films"), films.length === 0);
  keepFocus($("film-list"), () => $("film-list").replaceChildren(...films.map((one) => {
    const item = fill("film-template");
    const until = new Date(one.expires_s * 1000).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" });
    text(item.querySelector("b"), one.title);
    text(item.querySelector(".state"), one.state === "done" ? `${clock(one.length_s ?? 0)} · ${one.width} × ${one.height} · kept until ${until}` : STAGES[one.stage] ?? one.state);
    item.querySelector(".open").addEventListener("click", () => { watchFilm(one); reopenAnalysis(one.analysis); enter($("show")); });
    item.querySelector(".remove").addEventListener("click", () => deleteFilm(one));
    item.querySelector(".remove").setAttribute("aria-label", `Delete ${one.title}`);
    if (one.state === "done") picture(item.querySelector("img"), `/api/films/${one.id}/picture`, "");
    return item;
  })));
}

// ---------------------------------------------------------------- where one is

function enter(section) {
  section.scrollIntoView({ block: "start" });
  section.querySelector("h2")?.focus({ preventScroll: true });
}

// The address names what is open, so that a reload finds it again.
function place() {
  const parts = [];
  if (analysis) parts.push(`story=${analysis.id}`);
  if (film) parts.push(`film=${film.id}`);
  const hash = parts.length ? `#${parts.join("&")}` : location.pathname;
  history.replaceState(null, "", hash);
}

async function reopenAnalysis(id) {
  if (analysis?.id === id) return;
  try {
    showAnalysis(await ask("GET", `/api/analyses/${id}`));
    show($("again"), film && isFinal(film));
  } catch (error) {
    // The film stays, and can be played, when what it was made of is gone.
    if (error.status === 404 && !film) complain($("story-error"), new Error(`the story that was open here is gone: it was deleted, or ${duration(limits.kept_s)} is over; paste it again to go on`));
  }
}

async function begin() {
  try { story.value = sessionStorage.getItem("draft") ?? ""; } catch { /* private window */ }
  countStory();
  const open = new URLSearchParams(location.hash.slice(1));
  watchDrops();
  story.addEventListener("input", countStory);
  $("story-form").addEventListener("submit", (event) => { event.preventDefault(); readText(); });
  $("file").addEventListener("change", (event) => { readFile(event.target.files[0]); event.target.value = ""; });
  $("title").addEventListener("change", () => $("title").value.trim() ? correct({ title: $("title").value }) : ($("title").value = analysis.title));
  $("more-lines").addEventListener("click", () => { allLines = true; showLines(); $("lines").children[LINES_AT_FIRST]?.querySelector("select")?.focus(); });
  $("forget").addEventListener("click", forgetStory);
  $("film-form").addEventListener("submit", (event) => { event.preventDefault(); makeFilm(); });
  $("cancel").addEventListener("click", cancelFilm);
  $("delete").addEventListener("click", () => film && deleteFilm(film));
  $("again").addEventListener("click", () => enter($("understood")));
  $("video").addEventListener("error", () => { if ($("video").getAttribute("src")) complain($("show-error"), new Error("this browser cannot play the film; save it and open it in a player")); });
  showExamples().catch(() => {});
  await learnLimits().catch(() => {});
  await refreshFilms();
  if (open.get("film")) await ask("GET", `/api/films/${open.get("film")}`).then(watchFilm, (error) => { if (error.status === 404) complain($("films-error"), new Error(`the film that was open here is gone: it was deleted, or ${duration(limits.kept_s)} is over`)); });
  if (open.get("story")) await reopenAnalysis(open.get("story"));
  document.documentElement.dataset.ready = "yes";
}

begin();
