// Building blocks of the page. What comes from outside is only ever put in as text.

const HUES = [212, 4, 28, 150, 190, 262, 330];

export const at = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const icon = (name) => element("span", { class: `icon i-${name}`, "aria-hidden": "true" });

export const hidden = (text) => element("span", { class: "hidden" }, text);

export function roundButton(name, label, onclick, more = {}) {
  return element("button", { type: "button", class: "round", "aria-label": label, title: label, onclick, ...more }, icon(name));
}

// By way of a prime, since ids often differ by multiples of few.
export const hueOf = (id) => HUES[(Math.abs(id) % 101) % HUES.length];

/** A coloured disc with the first letter of a name, or with an icon. */
export function avatar(name, id, picture = null) {
  const node = element("span", { class: "avatar", "aria-hidden": "true" }, picture ? icon(picture) : [...name][0] ?? "?");
  node.style.setProperty("--hue", hueOf(id));
  return node;
}

/** Give a parent these children. One that would look the same stays, with its focus and what is typed in it. */
export function renew(parent, children) {
  const key = document.activeElement?.closest("[data-key]")?.dataset.key;
  const inside = parent.contains(document.activeElement);
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const kept = children.map((child) => {
    const old = before.get(child.dataset.key);
    return old?.isEqualNode(child) ? old : child;
  });
  const unchanged = kept.length === parent.childElementCount && kept.every((child, place) => child === parent.children[place]);
  if (unchanged) return;
  const focused = document.activeElement;
  parent.replaceChildren(...kept);
  if (inside && document.activeElement !== focused) refocus(parent, key, focused);
}

function refocus(parent, key, focused) {
  if (parent.contains(focused)) return focused.focus({ preventScroll: true });
  const holder = [...parent.children].find((child) => child.dataset.key === key);
  const name = focused.getAttribute("aria-label") ?? focused.textContent;
  const candidates = holder ? [holder, ...holder.querySelectorAll("button, input, a")].filter((node) => node.matches("button, input, a")) : [];
  const same = candidates.find((node) => (node.getAttribute("aria-label") ?? node.textContent) === name);
  (same ?? candidates[0])?.focus({ preventScroll: true });
}

export function toast(text) {
  const node = at("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { node.hidden = true; }, 4000);
}

/** Run what a person asked for; what fails is said, not swallowed. Gives null then. */
export async function attempt(work) {
  try { return await work(); } catch (error) { toast(error.message); return null; }
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast(text);
  }
}

/** Open a menu of `[icon, words, action]` near a place; the focus comes back to where it was. */
export function openMenu(label, items, place) {
  const menu = at("popup");
  const before = document.activeElement;
  const choose = (action) => { close(); action(); };
  const close = () => { hideMenu(); before?.isConnected && before.focus({ preventScroll: true }); };
  hideMenu();
  menu.setAttribute("aria-label", label);
  menu.replaceChildren(...items.map(([name, words, action]) => element("button", {
    type: "button", role: "menuitem", tabindex: "-1", class: name === "delete" ? "danger" : null, onclick: () => choose(action),
  }, icon(name), words)));
  menu.onkeydown = (event) => menuKey(event, menu, close);
  menu.showPopover();
  document.addEventListener("pointerdown", closeOutside, true);
  put(menu, place);
  menu.firstElementChild.focus();
}

// By hand: a browser's own closing takes the end of a long press, which opened the menu, for a tap beside it.
function closeOutside(event) {
  if (!at("popup").contains(event.target)) hideMenu();
}

function hideMenu() {
  if (at("popup").matches(":popover-open")) at("popup").hidePopover();
  document.removeEventListener("pointerdown", closeOutside, true);
}

function menuKey(event, menu, close) {
  const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    return close();
  }
  if (!(event.key in steps)) return;
  event.preventDefault();
  step(menu.children, steps[event.key]).focus();
}

/** The neighbour of what has the focus; at the ends it goes round. */
export function step(nodes, by) {
  const list = [...nodes];
  if (!Number.isFinite(by)) return by < 0 ? list[0] : list.at(-1);
  const now = list.indexOf(document.activeElement);
  return list[(now + by + list.length) % list.length];
}

/** Arrow keys go through the buttons of a list. */
export function arrows(list, selector) {
  list.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const nodes = list.querySelectorAll(selector);
    if (!by || !nodes.length || !event.target.matches(selector)) return;
    event.preventDefault();
    step(nodes, by).focus();
  });
}

function put(menu, { x, y }) {
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}

/** Where a menu that belongs to a node opens. */
export function below(node) {
  const box = node.getBoundingClientRect();
  return { x: box.left, y: box.bottom + 4 };
}

export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });

export function day(seconds) {
  return new Date(seconds * 1000).toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });
}

/** The time if it is today, else the day: as a list of chats shows it. */
export function when(seconds) {
  const date = new Date(seconds * 1000);
  if (date.toDateString() === new Date().toDateString()) return clock(seconds);
  return date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
}
