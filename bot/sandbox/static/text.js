// A text with its formatting as DOM nodes: links, spoilers, quotes, times.

import { element } from "./dom.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };
const SAFE = new Set(["http:", "https:", "mailto:", "tel:", "tg:"]);
const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

/** The nodes for a text with entities (Bot API MessageEntity; offsets are UTF-16 units, as in a JS string). */
export function formatted(text, entities, onCommand) {
  const spans = entities.map((entity) => ({ entity, start: entity.offset, end: entity.offset + entity.length }));
  return nodes(text, 0, text.length, spans.sort(byPlace), onCommand);
}

const byPlace = (a, b) => a.start - b.start || b.end - a.end;

function nodes(text, start, end, spans, onCommand) {
  const out = [];
  const queue = spans.slice();
  let at = start;
  let afterBlock = false;
  const plain = (to) => {
    // The line break behind a block is the block's own.
    const from = afterBlock && text[at] === "\n" ? at + 1 : at;
    if (to > from) out.push(text.slice(from, to));
    if (to > at) afterBlock = false;
    at = Math.max(at, to);
  };
  while (queue.length) {
    const span = queue.shift();
    plain(span.start);
    const inner = [];
    while (queue.length && queue[0].start < span.end) {
      const next = queue.shift();
      inner.push({ ...next, end: Math.min(next.end, span.end) });
      // Where two spans cross, the one that began later is split.
      if (next.end > span.end) queue.push({ ...next, start: span.end });
    }
    queue.sort(byPlace);
    out.push(shown(span, text.slice(span.start, span.end), nodes(text, span.start, span.end, inner, onCommand), onCommand));
    at = span.end;
    afterBlock = BLOCKS.has(span.entity.type);
  }
  plain(end);
  return out;
}

function shown({ entity }, text, children, onCommand) {
  switch (entity.type) {
    case "text_link": return link(entity.url, children);
    case "url": return link(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`, children);
    case "email": return link(`mailto:${text}`, children);
    case "bot_command":
      return element("button", { type: "button", class: "command", "data-testid": "command", onclick: () => onCommand(text) }, text);
    case "spoiler": return spoiler(children);
    case "pre": return element("pre", { "data-language": entity.language ?? null }, element("code", {}, ...children));
    case "blockquote": return element("blockquote", {}, ...children);
    case "expandable_blockquote": return expandable(children);
    case "date_time": return moment(entity, text, children);
    case "mention": case "hashtag": case "cashtag": case "text_mention": return element("span", { class: "tag" }, ...children);
    default: return element(TAGS[entity.type] ?? "span", {}, ...children);
  }
}

export function link(url, children) {
  let safe = false;
  try { safe = SAFE.has(new URL(url).protocol); } catch { safe = false; }
  if (!safe) return element("span", {}, ...children);
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, ...children);
}

function spoiler(children) {
  const node = element("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Hidden text, press to show" }, ...children);
  const show = () => {
    node.classList.add("open");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", (event) => { if (!node.classList.contains("open")) { event.preventDefault(); show(); } }, true);
  node.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); } });
  return node;
}

function expandable(children) {
  const body = element("div", { class: "fold" }, ...children);
  const toggle = element("button", { type: "button", class: "toggle", "aria-expanded": "false", "aria-label": "Show the whole quote" });
  const quote = element("blockquote", { class: "expandable", "data-testid": "expandable" }, body, toggle);
  const flip = () => {
    const open = quote.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.setAttribute("aria-label", open ? "Fold the quote" : "Show the whole quote");
  };
  quote.addEventListener("click", (event) => {
    const inside = event.target.closest("a, .command, .spoiler:not(.open)");
    if (inside || !getSelection().isCollapsed) return;
    if (quote.classList.contains("open") || quote.classList.contains("long")) flip();
  });
  return quote;
}

/** Only a quote that is longer than three lines folds; that is known once it is laid out. */
export function measure(bubble) {
  for (const quote of bubble.querySelectorAll("blockquote.expandable:not(.open)")) {
    const fold = quote.firstElementChild;
    quote.classList.toggle("long", fold.scrollHeight > fold.clientHeight + 2);
  }
}

function moment(entity, text, children) {
  const date = new Date(entity.unix_time * 1000);
  const full = date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  const attributes = { datetime: date.toISOString(), title: `${full}\n${text}`, class: "moment" };
  const format = entity.date_time_format ?? "";
  if (!format) return element("time", attributes, ...children);
  return element("time", { ...attributes, "data-format": format }, inFormat(date, format));
}

function inFormat(date, format) {
  if (format === "r") return relative(date);
  const options = {};
  if (format.includes("w")) options.weekday = format === "w" ? "long" : "short";
  if (format.includes("d")) Object.assign(options, { day: "2-digit", month: "2-digit", year: "2-digit" });
  if (format.includes("D")) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  if (/t/i.test(format)) Object.assign(options, { hour: "2-digit", minute: "2-digit" });
  if (format.includes("T")) options.second = "2-digit";
  return date.toLocaleString(undefined, options);
}

function relative(date) {
  const seconds = (date - Date.now()) / 1000;
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return words.format(Math.round(seconds / length), unit);
}

/** Relative times go on: called now and then for what is on the page. */
export function refreshTimes(root) {
  for (const node of root.querySelectorAll('time[data-format="r"]')) node.textContent = relative(new Date(node.dateTime));
}
