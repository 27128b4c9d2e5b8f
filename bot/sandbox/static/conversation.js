// The messages of the chat that is open: the newest few hundred as nodes, older ones when somebody looks back.

import { brief, bubble, keepOpen } from "./bubble.js";
import { at, day, element, step, toast } from "./dom.js";
import { draws, redraw } from "./drawing.js";
import { isMine, keyOf, messagesOf, open, state, threadOf, unreadIn } from "./state.js";
import { measure, refreshTimes } from "./text.js";

const MOST_SHOWN = 300;
// So many nodes more before what has scrolled out above is let go.
const SLACK = 300;
const APART = 600; // seconds after which the same person is named again
const NEAR = 120; // pixels from the end in which somebody still follows it
const QUIET = 400; // milliseconds in which a conversation that was just opened is not read out

const changes = new Map(); // what is to be drawn, by the message's key
let actions = {};
let press = null; // a finger that rests on a message
let following = true; // the end of the conversation is in sight

/** `command(text)` sends one, `menu(message, place)` opens what can be done with a message, `reply(message)`. */
export function converse(given) {
  actions = { ...given, jump };
}

export function change(kind, message) {
  if (!belongs(message)) return;
  const key = keyOf(message);
  // What is edited before it was drawn is still to be added.
  const added = changes.get(key)?.kind === "new" && kind === "changed";
  changes.set(key, { kind: added ? "new" : kind, message });
  redraw("log");
}

function belongs(message) {
  const chat = open();
  if (!chat) return false;
  if (message.chat.id === chat.id) return threadOf(chat, message) === state.thread;
  return state.chats.get(message.chat.id)?.upgraded_to === chat.id;
}

const messages = () => (open() && state.thread !== null ? messagesOf(open(), state.thread) : []);
const find = (key) => at("log").querySelector(`[data-key="${key}"]`);

/** Show a conversation anew: from its end, or from what is unread. */
export function fill(unread = 0) {
  changes.clear();
  const all = messages();
  const shown = all.slice(-Math.max(MOST_SHOWN, unread));
  at("log").setAttribute("aria-live", "off");
  at("log").replaceChildren(...nodesOf(shown, shown.length - unread));
  settle();
  at("older").hidden = shown.length === all.length;
  const line = at("log").querySelector(".unread");
  following = !line;
  if (line) line.scrollIntoView({ block: "start" });
  else toBottom();
  clearTimeout(fill.timer);
  fill.timer = setTimeout(() => at("log").setAttribute("aria-live", "polite"), QUIET);
}

function nodesOf(list, unreadFrom = list.length) {
  const nodes = [];
  let last = "";
  list.forEach((message, place) => {
    const today = day(message.date);
    if (today !== last) nodes.push(dayLine(today));
    last = today;
    if (place === unreadFrom) nodes.push(element("div", { class: "unread" }, "Unread messages"));
    nodes.push(bubble(message, actions));
  });
  return nodes;
}

const dayLine = (today) => element("div", { class: "day", "data-day": today }, element("span", {}, today));

/** After nodes came into the page: which belong together, which quotes fold, where the keyboard enters. */
function settle(nodes = [...at("log").children]) {
  nodes.forEach(regroup);
  nodes.forEach((node) => measure(node));
  if (!at("log").contains(document.activeElement)) rove(at("log").querySelector("article:last-of-type"));
}

function regroup(item) {
  const before = item.previousElementSibling;
  const both = open().type !== "channel" && before?.matches(".message") && item.matches(".message");
  const follows = both && before.dataset.author === item.dataset.author
    && before.classList.contains("mine") === item.classList.contains("mine") && item.dataset.date - before.dataset.date < APART;
  item.classList.toggle("follows", Boolean(follows));
}

/** One message at a time is a stop for the Tab key; arrow keys go on from there. */
function rove(item) {
  if (!item) return;
  for (const other of at("log").querySelectorAll('article[tabindex="0"]')) other.tabIndex = -1;
  item.tabIndex = 0;
}

function older() {
  const all = messages();
  const first = at("log").querySelector("article");
  const until = all.findIndex((message) => keyOf(message) === first?.dataset.key);
  if (until <= 0) return;
  const from = Math.max(0, until - MOST_SHOWN);
  const nodes = nodesOf(all.slice(from, until));
  const height = at("scroll").scrollHeight;
  const top = at("log").querySelector(".day");
  if (top?.dataset.day === day(all[until - 1].date)) top.remove();
  at("log").prepend(...nodes);
  settle([...nodes, first]);
  at("scroll").scrollTop += at("scroll").scrollHeight - height;
  at("older").hidden = from === 0;
}

function drawChanges() {
  const follow = following || [...changes.values()].some(({ kind, message }) => kind === "new" && isMine(message));
  for (const [key, { kind, message }] of changes) {
    if (kind === "gone") remove(key);
    else if (find(key)) renew(find(key), message);
    else if (kind === "new") append(message);
  }
  const grown = [...changes.values()].filter(({ kind }) => kind === "new").length;
  changes.clear();
  if (follow && at("log").childElementCount > MOST_SHOWN + SLACK) fill();
  if (follow) toBottom();
  else if (grown) at("down").hidden = false;
}

draws("log", drawChanges);

function renew(old, message) {
  const item = bubble(message, actions);
  const refocus = keepOpen(old, item);
  old.replaceWith(item);
  settle([item]);
  refocus();
}

function append(message) {
  const item = bubble(message, actions);
  const today = day(message.date);
  const days = at("log").querySelectorAll(".day");
  if (days[days.length - 1]?.dataset.day !== today) at("log").append(dayLine(today));
  at("log").append(item);
  settle([item]);
}

function remove(key) {
  const item = find(key);
  if (!item) return;
  const [before, after] = [item.previousElementSibling, item.nextElementSibling];
  if (item.contains(document.activeElement)) (after?.matches("article") ? after : at("input")).focus();
  item.remove();
  if (before?.matches(".day") && !after?.matches("article")) before.remove();
  if (after) regroup(after);
  settle([]);
}

/** Show a message that is pointed at, however far up it is. */
function jump({ message_id: id, chat }) {
  const key = `${chat?.id ?? state.chat}/${id}`;
  if (!messages().some((message) => keyOf(message) === key)) return toast("That message is not there any more");
  while (!find(key)) older();
  const item = find(key);
  item.scrollIntoView({ block: "center" });
  rove(item);
  item.focus({ preventScroll: true });
  item.classList.remove("found");
  void item.offsetWidth; // so that the light goes on again
  item.classList.add("found");
}

const atBottom = () => at("scroll").scrollHeight - at("scroll").scrollTop - at("scroll").clientHeight < NEAR;

function toBottom() {
  following = true;
  at("scroll").scrollTop = at("scroll").scrollHeight;
  at("down").hidden = true;
}

function drawPinned() {
  const chat = open();
  const pinned = (chat?.pinned ?? []).map((id) => chat.messages.get(id)).filter((message) => message && threadOf(chat, message) === state.thread);
  const newest = pinned.at(-1);
  at("pinned").hidden = !newest;
  if (!newest) return;
  at("pinned-text").textContent = brief(newest);
  at("pinned").onclick = () => jump(newest);
}

draws("pinned", drawPinned);

// By hand: arrow keys, Enter, a right click, a long press

function messageAt(node) {
  const item = node.closest?.("article");
  return item && messages().find((message) => keyOf(message) === item.dataset.key);
}

function askFor(node, place) {
  const message = messageAt(node);
  if (message) actions.menu(message, place);
}

at("log").addEventListener("keydown", (event) => {
  const item = event.target;
  if (!item.matches("article")) return;
  const by = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (by) {
    const items = [...at("log").querySelectorAll("article")];
    const next = (item === items[0] && by === -1) || (item === items.at(-1) && by === 1) ? item : step(items, by);
    rove(next);
    next.focus();
  } else if (event.key === "Enter") {
    const box = item.getBoundingClientRect();
    askFor(item, { x: box.left + 24, y: Math.min(box.bottom, innerHeight - 80) });
  } else return;
  event.preventDefault();
});

at("log").addEventListener("contextmenu", (event) => {
  if (event.target.closest("a") || !messageAt(event.target)) return;
  event.preventDefault();
  clearTimeout(press); // where a long press is a right click by itself
  const box = event.target.closest("article").getBoundingClientRect();
  // The key for this menu has no place of its own.
  askFor(event.target, event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : { x: box.left + 24, y: box.bottom });
});

at("log").addEventListener("dblclick", (event) => {
  const message = messageAt(event.target);
  if (message && !event.target.closest("button, a, .text")) actions.reply(message);
});

at("log").addEventListener("touchstart", (event) => {
  const [{ clientX: x, clientY: y }] = event.touches;
  press = setTimeout(() => askFor(event.target, { x, y }), 550);
}, { passive: true });
for (const end of ["touchend", "touchmove", "touchcancel"]) at("log").addEventListener(end, () => clearTimeout(press), { passive: true });

at("older").addEventListener("click", older);
at("down").addEventListener("click", toBottom);
at("scroll").addEventListener("scroll", () => {
  following = atBottom();
  if (following) at("down").hidden = true;
  if (at("scroll").scrollTop < 60 && !at("older").hidden) older();
});
// A picture that arrives, a field that grows, a keyboard that opens: who was at the end stays there.
const sizes = new ResizeObserver(() => { if (following) toBottom(); });
for (const name of ["scroll", "log"]) sizes.observe(at(name));
setInterval(() => refreshTimes(at("log")), 30000);

export const unreadHere = () => unreadIn(open(), state.thread);
