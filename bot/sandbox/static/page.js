// The chat page: a person on the left is who you are; the conversation on the right is theirs with the bot.
// State is the records of the sandbox (bot/sandbox/control.py), which come as server-sent events.

import { clock, day, element, formatted, keyboard, measure, refreshTimes } from "./render.js";

const base = `/sandbox/${location.pathname.split("/")[2]}`;
const at = (id) => document.getElementById(id);
const MOST_SHOWN = 300;
const HUES = [4, 28, 150, 190, 212, 262, 330];

const state = { chats: new Map(), current: null, seq: 0, ready: false, waiting: new Map(), answers: new Map(), bot: "Bot" };

async function call(verb, path, body) {
  const options = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`${base}/${path}`, { method: verb, ...options });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

/** Run what a person asked for; what fails is said, not swallowed. */
async function attempt(work) {
  try { return await work(); } catch (error) { toast(error.message); return null; }
}

// People

function chatOf(id) {
  if (!state.chats.has(id)) state.chats.set(id, { id, person: null, messages: new Map(), unread: 0, last: null });
  return state.chats.get(id);
}

async function loadPeople() {
  const { people } = await call("GET", "people");
  if (!people.length) people.push(await call("POST", "people", { first_name: "Ada", language_code: navigator.language.slice(0, 2) }));
  for (const person of people) chatOf(person.id).person = person;
  showPeople();
}

/** Draw the list with the next frame, once for all that happens until then. */
function showPeople() {
  showPeople.frame ??= setTimeout(drawPeople, 30);
}

function drawPeople() {
  showPeople.frame = null;
  const focused = document.activeElement?.dataset?.person;
  const chats = [...state.chats.values()].filter((chat) => chat.person);
  at("people").replaceChildren(...chats.map(entry));
  if (focused) at("people").querySelector(`[data-person="${focused}"]`)?.focus({ preventScroll: true });
  const unread = chats.reduce((sum, chat) => sum + chat.unread, 0);
  document.title = unread ? `(${unread}) ${state.bot}` : state.bot;
}

function entry(chat) {
  const { person, last } = chat;
  const text = last ? `${last.from.is_bot ? "" : "You: "}${last.text}` : "No messages yet";
  const badge = chat.unread ? [element("span", { class: "badge", "aria-label": `${chat.unread} unread` }, String(chat.unread))] : [];
  return element("li", {}, element("button", {
    type: "button", class: "entry", "data-testid": "person", "data-person": String(person.id),
    "aria-current": chat.id === state.current ? "true" : null, onclick: () => open(chat.id),
  },
  avatar(person.first_name, person.id),
  element("span", { class: "who" }, element("b", {}, person.first_name), element("span", { class: "last" }, text.slice(0, 120))),
  element("span", { class: "side" }, element("small", {}, last ? clock(last.edit_date ?? last.date) : ""), ...badge)));
}

function avatar(name, id) {
  const node = element("span", { class: "avatar", "aria-hidden": "true" }, [...name][0] ?? "?");
  node.style.setProperty("--hue", HUES[Math.abs(id) % HUES.length]);
  return node;
}

function open(id) {
  state.current = id;
  const chat = chatOf(id);
  chat.unread = 0;
  history.replaceState(null, "", `#${id}`);
  document.body.classList.add("in-chat");
  at("log").replaceChildren();
  const messages = [...chat.messages.values()].slice(-MOST_SHOWN);
  for (const message of messages) append(bubble(message), message);
  measure(at("log"));
  showHead();
  showPeople();
  closeMenu();
  toBottom();
  // On a touch screen the focus would call the keyboard up over the conversation.
  if (matchMedia("(hover: hover)").matches) at("input").focus({ preventScroll: true });
}

function showHead() {
  const chat = chatOf(state.current);
  const person = chat.person;
  at("as").textContent = person ? `bot · you are ${person.first_name}` : "bot";
  at("block").textContent = person?.blocked ? "Unblock" : "Block";
  at("hint").hidden = !state.ready || chat.messages.size > 0;
}

// Messages

function bubble(message) {
  const mine = !message.from.is_bot;
  const meta = element("span", { class: "meta" }, message.edit_date ? "edited " : "",
    element("time", { datetime: new Date(message.date * 1000).toISOString() }, clock(message.date)));
  const reply = message.reply_to_message;
  const quoted = reply ? [element("div", { class: "reply" }, element("b", {}, reply.from.first_name), element("span", {}, reply.text ?? ""))] : [];
  const text = element("div", { class: "text", dir: "auto" }, ...formatted(message.text ?? "", message.entities ?? [], say));
  const item = element("li", {
    class: mine ? "message mine" : "message", "data-testid": "message",
    "data-message-id": String(message.message_id), "data-from": mine ? "person" : "bot",
  }, element("div", { class: "bubble" }, element("span", { class: "hidden" }, mine ? "You: " : `${message.from.first_name}: `), ...quoted, text, meta));
  const keys = keyboard(message, { press, copy });
  if (keys) item.append(keys);
  return item;
}

const find = (id) => at("log").querySelector(`[data-message-id="${id}"]`);

function place(message) {
  const old = find(message.message_id);
  const item = bubble(message);
  if (old) {
    keepOpen(old, item);
    old.replaceWith(item);
  } else append(item, message);
  measure(item);
}

function append(item, message) {
  const log = at("log");
  const today = day(message.date);
  if (log.dataset.day !== today || !log.childElementCount) {
    log.dataset.day = today;
    log.append(element("li", { class: "day" }, element("span", {}, today)));
  }
  log.append(item);
}

/** An edit neither folds a quote that was opened, nor takes the focus from a button. */
function keepOpen(old, item) {
  const quotes = item.querySelectorAll("blockquote.expandable");
  old.querySelectorAll("blockquote.expandable").forEach((quote, place) => {
    if (quote.classList.contains("open")) quotes[place]?.classList.add("open");
  });
  const keys = [...old.querySelectorAll(".key")];
  const focused = keys.indexOf(document.activeElement);
  if (focused >= 0) requestAnimationFrame(() => [...item.querySelectorAll(".key")][focused]?.focus({ preventScroll: true }));
}

function take(record) {
  state.seq = record.seq;
  if (record.kind === "answered") return answered(record);
  const chat = chatOf(record.chat);
  if (!chat.person) loadPeople();
  const { message } = record;
  if (record.kind === "deleted") {
    chat.messages.delete(message.message_id);
    chat.last = [...chat.messages.values()].at(-1) ?? null;
  } else {
    const known = chat.messages.has(message.message_id);
    chat.messages.set(message.message_id, message);
    if (!known || chat.last?.message_id === message.message_id) chat.last = message;
    if (!known && record.kind === "sent" && state.ready && (record.chat !== state.current || document.hidden)) chat.unread += 1;
  }
  if (state.ready) refresh(record, message);
}

function refresh(record, message) {
  if (record.chat === state.current) {
    const follow = atBottom() || !message.from.is_bot;
    if (record.kind === "deleted") find(message.message_id)?.remove();
    else place(message);
    showHead();
    if (follow) toBottom();
    else at("down").hidden = false;
  }
  showPeople();
}

const atBottom = () => at("scroll").scrollHeight - at("scroll").scrollTop - at("scroll").clientHeight < 120;

function toBottom() {
  at("scroll").scrollTop = at("scroll").scrollHeight;
  at("down").hidden = true;
}

// What a person does

async function say(text) {
  closeMenu();
  await attempt(() => call("POST", "send", { person: state.current, text }));
  await attempt(loadPeople);
  showHead();
}

async function press(message, button, node) {
  if (button.callback_data === undefined) return toast("This kind of button does nothing here");
  node.classList.add("busy");
  node.setAttribute("aria-busy", "true");
  const query = await attempt(() => call("POST", "press", { person: state.current, message_id: message.message_id, data: button.callback_data }));
  if (!query) return idle(node);
  state.waiting.set(query.id, node);
  // A bot that never answers leaves the button turning for this long, as Telegram's apps do.
  setTimeout(() => { state.waiting.delete(query.id); idle(node); }, 15000);
  const early = state.answers.get(query.id);
  if (early) answered(early);
}

function answered(record) {
  const node = state.waiting.get(record.callback_query_id);
  if (!state.ready) return;
  // The answer may overtake the reply to our own press.
  if (!node) return void state.answers.set(record.callback_query_id, record);
  state.waiting.delete(record.callback_query_id);
  state.answers.delete(record.callback_query_id);
  idle(node);
  if (record.text && record.show_alert) {
    at("alert-text").textContent = record.text;
    at("alert").showModal();
  } else if (record.text) toast(record.text);
}

function idle(node) {
  node.classList.remove("busy");
  node.removeAttribute("aria-busy");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast(text);
  }
}

function toast(text) {
  const node = at("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { node.hidden = true; }, 4000);
}

// The menu of commands

async function openMenu(filter) {
  const { commands } = (await attempt(() => call("GET", `commands?chat=${state.current}`))) ?? { commands: [] };
  if (filter && !at("input").value.startsWith("/")) return;
  const wanted = commands.filter(({ command }) => `/${command}`.startsWith(filter || "/"));
  at("menu").replaceChildren(...wanted.map(({ command, description }, place) => element("li", {
    role: "option", id: `option-${place}`, "data-command": command, "aria-selected": "false", onclick: () => choose(command),
  }, element("b", {}, `/${command}`), element("span", {}, description))));
  if (!wanted.length && !filter) toast("The bot has no command menu yet");
  at("menu").hidden = !wanted.length;
  at("commands").setAttribute("aria-expanded", String(wanted.length > 0));
}

function closeMenu() {
  at("menu").hidden = true;
  at("commands").setAttribute("aria-expanded", "false");
  at("input").removeAttribute("aria-activedescendant");
}

function choose(command) {
  at("input").value = "";
  grow();
  say(`/${command}`);
  at("input").focus();
}

function moveInMenu(step) {
  const options = [...at("menu").children];
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = options[(now + step + options.length + (now < 0 && step < 0 ? 1 : 0)) % options.length];
  for (const option of options) option.setAttribute("aria-selected", String(option === next));
  next.scrollIntoView({ block: "nearest" });
  at("input").setAttribute("aria-activedescendant", next.id);
}

function menuKey(event) {
  const selected = at("menu").querySelector('[aria-selected="true"]');
  if (event.key === "ArrowDown" || event.key === "ArrowUp") moveInMenu(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Escape") closeMenu();
  else if (event.key === "Tab" && !event.shiftKey) {
    at("input").value = `/${(selected ?? at("menu").firstElementChild).dataset.command} `;
    closeMenu();
  } else if (event.key === "Enter" && selected) choose(selected.dataset.command);
  else return false;
  event.preventDefault();
  return true;
}

function grow() {
  const input = at("input");
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
}

function submit() {
  const text = at("input").value;
  if (!text.trim()) return;
  at("input").value = "";
  grow();
  say(text);
}

// Wiring

at("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
at("input").addEventListener("input", () => {
  grow();
  if (/^\/\w*$/.test(at("input").value)) openMenu(at("input").value);
  else closeMenu();
});
at("input").addEventListener("keydown", (event) => {
  if (!at("menu").hidden && menuKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
});
at("commands").addEventListener("click", () => { if (at("menu").hidden) openMenu(""); else closeMenu(); at("input").focus(); });
at("start").addEventListener("click", () => say("/start"));
at("back").addEventListener("click", () => { document.body.classList.remove("in-chat"); at("people").querySelector("[aria-current]")?.focus(); });
at("down").addEventListener("click", toBottom);
at("scroll").addEventListener("scroll", () => { if (atBottom()) at("down").hidden = true; });
at("block").addEventListener("click", async () => {
  const blocked = chatOf(state.current).person?.blocked;
  await attempt(() => call("POST", blocked ? "unblock" : "block", { person: state.current }));
  await attempt(loadPeople);
  showHead();
});
at("add").addEventListener("click", () => { at("new-form").reset(); at("new").showModal(); });
at("new-cancel").addEventListener("click", () => at("new").close());
at("new-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = at("new-name").value.trim();
  if (!name) return;
  at("new").close();
  const person = await attempt(() => call("POST", "people", { first_name: name, language_code: at("new-language").value }));
  if (!person) return;
  chatOf(person.id).person = person;
  open(person.id);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || state.current === null) return;
  chatOf(state.current).unread = 0;
  showPeople();
});
setInterval(() => refreshTimes(at("log")), 30000);
// A bot that is only just starting describes itself a moment later.
setInterval(() => { if (!at("hint").hidden) attempt(showBot); }, 3000);

async function showBot() {
  const bot = await call("GET", "bot");
  state.bot = bot.name;
  at("bot-name").textContent = bot.name;
  at("bot-avatar").replaceWith(Object.assign(avatar(bot.name, bot.id), { id: "bot-avatar" }));
  at("description").textContent = bot.description;
  at("description").hidden = !bot.description;
}

function listen() {
  const events = new EventSource(`${base}/events`);
  events.onmessage = (event) => take(JSON.parse(event.data));
  events.addEventListener("ready", async (event) => {
    // Another sandbox at the same address: what is shown here is gone.
    if (JSON.parse(event.data).last < state.seq) return location.reload();
    await Promise.all([attempt(showBot), attempt(loadPeople)]);
    if (state.ready) return showHead();
    state.ready = true;
    const wanted = Number(location.hash.slice(1));
    open(state.chats.get(wanted)?.person ? wanted : [...state.chats.values()].find((chat) => chat.person).id);
    // From here on new messages are read out; the history was not.
    at("log").setAttribute("aria-live", "polite");
  });
}

listen();
