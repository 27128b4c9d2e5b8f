// A message as a node: who says it, what it answers, its text or picture, its buttons. Service messages are one line.

import { photoAt } from "./api.js";
import { avatar, clock, element, hidden, hueOf, icon } from "./dom.js";
import { keyboard } from "./keys.js";
import { authorOf, chatOf, isByBot, isHeard, isMine, isService, keyOf, memberOf } from "./state.js";
import { formatted } from "./text.js";

/** The node for a message; `actions`: `jump(message)`, `command(text)`. */
export function bubble(message, actions) {
  return isService(message) ? service(message, actions) : said(message, actions);
}

function said(message, actions) {
  const mine = isMine(message);
  const author = authorOf(message);
  const named = !mine && ["group", "supergroup"].includes(message.chat.type);
  const who = mine ? "You" : author.name;
  const body = element("div", { class: message.photo ? "bubble pictured" : "bubble" },
    named ? byline(message, author) : hidden(`${who}: `), origin(message), quoted(message, actions), ...content(message, actions));
  const item = element("article", {
    class: `message${mine ? " mine" : ""}${named ? " named" : ""}`, tabindex: "-1", "data-testid": "message", "data-key": keyOf(message),
    "data-message-id": String(message.message_id), "data-from": isByBot(message) ? "bot" : "person",
    "data-author": String(author.id), "data-date": String(message.date), "aria-label": `${who}, ${clock(message.date)}`,
  }, named && avatar(author.name, author.id), body, keyboard(message));
  return item;
}

function byline(message, author) {
  const node = element("div", { class: "byline" }, element("b", { class: "name" }, author.name), hidden(": "), element("span", { class: "role" }, roleOf(message)));
  node.style.setProperty("--hue", hueOf(author.id));
  return node;
}

function roleOf(message) {
  if (message.sender_chat) return message.sender_chat.id === message.chat.id ? message.author_signature ?? "admin" : "channel";
  const member = memberOf(chatOf(message.chat.id), message.from.id);
  const usual = { creator: "owner", administrator: "admin" }[member.status] ?? "";
  return member.custom_title || usual;
}

function origin({ forward_origin: from, via_bot: bot }) {
  if (bot) return element("div", { class: "origin" }, `via @${bot.username}`);
  if (!from) return null;
  return element("div", { class: "origin" }, `Forwarded from ${from.chat?.title ?? from.sender_user?.first_name ?? from.sender_user_name ?? "somebody"}`);
}

function quoted(message, actions) {
  const reply = message.reply_to_message;
  // All that is written in a topic points at the message that opened it.
  if (!reply || reply.forum_topic_created) return null;
  const node = element("button", { type: "button", class: "reply", "data-testid": "reply", onclick: () => actions.jump(reply) },
    element("b", {}, authorOf(reply).name), element("span", {}, brief(reply)));
  node.style.setProperty("--hue", hueOf(authorOf(reply).id));
  return node;
}

function content(message, actions) {
  const written = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities ?? [];
  const text = written && element("div", { class: "text", dir: "auto" }, ...formatted(written, entities, actions.command));
  if (!message.photo) return [text, meta(message)];
  if (!text) return [photo(message), meta(message)];
  if (message.show_caption_above_media) return [element("div", { class: "caption" }, text), photo(message), meta(message)];
  return [photo(message), element("div", { class: "caption" }, text, meta(message))];
}

function photo(message) {
  const size = message.photo.at(-1);
  const address = photoAt(size.file_id);
  const image = element("img", { src: address, alt: message.caption ? "Photo" : "Photo without a caption", width: size.width, height: size.height, loading: "lazy" });
  const shown = element("a", { class: "photo", href: address, target: "_blank", rel: "noopener", "data-testid": "photo" }, image);
  if (!message.has_media_spoiler) return shown;
  const cover = element("button", { type: "button", class: "cover", "aria-label": "Hidden photo, press to show", onclick: () => cover.remove() });
  return element("div", { class: "covered" }, shown, cover);
}

function meta(message) {
  const signature = message.chat.type === "channel" && message.author_signature ? `${message.author_signature} ` : "";
  return element("span", { class: "meta" }, signature, message.edit_date ? "edited " : "",
    element("time", { datetime: new Date(message.date * 1000).toISOString() }, clock(message.date)), isMine(message) && ticks(message));
}

/** Two ticks: the bot has got it. In a group it does not hear everything. */
function ticks(message) {
  const words = isHeard(message) ? "The bot hears this" : "The bot does not hear this";
  return element("span", { class: "ticks", title: words, "data-testid": "ticks" }, icon(isHeard(message) ? "heard" : "sent"), hidden(` ${words}`));
}

function service(message, actions) {
  const { pinned_message: pinned } = message;
  const text = element("span", {}, told(message));
  const inner = pinned ? element("button", { type: "button", onclick: () => actions.jump(pinned) }, icon("pin"), text) : text;
  return element("article", { class: "service", tabindex: "-1", "data-testid": "service", "data-key": keyOf(message), "data-date": String(message.date) }, inner);
}

/** A message in one line, for lists and quotes. */
export function brief(message) {
  if (isService(message)) return told(message);
  const written = (message.text ?? message.caption ?? "").slice(0, 160).replace(/\s+/g, " ");
  if (!message.photo) return written;
  return written ? `Photo: ${written}` : "Photo";
}

/** A message in one line with who wrote it, for a list of chats. */
export function briefWithAuthor(message) {
  if (isService(message) || message.chat.type === "channel") return brief(message);
  if (isMine(message)) return `You: ${brief(message)}`;
  return message.chat.type === "private" ? brief(message) : `${authorOf(message).name}: ${brief(message)}`;
}

/** A service message in Telegram's words. */
function told(message) {
  const who = authorOf(message).name;
  const channel = message.chat.type === "channel";
  const topic = message.reply_to_message?.forum_topic_created?.name;
  if (message.new_chat_members) return cameIn(message, who);
  if (message.left_chat_member) {
    const gone = message.left_chat_member;
    return gone.id === message.from?.id ? `${gone.first_name} left the group` : `${who} removed ${gone.first_name}`;
  }
  if (message.new_chat_title) return `${channel ? "The channel is now called" : `${who} changed the group's name to`} “${message.new_chat_title}”`;
  if (message.group_chat_created || message.supergroup_chat_created) return `${who} created the group`;
  if (message.channel_chat_created) return "The channel was created";
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "The group was upgraded to a supergroup";
  if (message.pinned_message) return `${who} pinned “${brief(message.pinned_message).slice(0, 60)}”`;
  if (message.forum_topic_created) return `${who} created the topic “${message.forum_topic_created.name}”`;
  if (message.forum_topic_closed) return `${who} closed the topic${topic ? ` “${topic}”` : ""}`;
  if (message.forum_topic_reopened) return `${who} reopened the topic${topic ? ` “${topic}”` : ""}`;
  return "Something changed here";
}

function cameIn({ from, new_chat_members: members }, who) {
  const names = members.map((member) => member.first_name).join(", ");
  return members.length === 1 && members[0].id === from?.id ? `${names} joined the group` : `${who} added ${names}`;
}

/** An edit neither folds a quote that was opened, hides what was shown, nor takes the focus from a button. */
export function keepOpen(old, item) {
  const quotes = item.querySelectorAll("blockquote.expandable");
  old.querySelectorAll("blockquote.expandable").forEach((quote, place) => {
    if (quote.classList.contains("open")) quotes[place]?.classList.add("open");
  });
  if (old.querySelector(".covered") && !old.querySelector(".cover")) item.querySelector(".cover")?.remove();
  item.tabIndex = old.tabIndex;
  const focused = [...old.querySelectorAll("button, a")].indexOf(document.activeElement);
  const own = document.activeElement === old;
  return () => (own ? item : focused >= 0 ? item.querySelectorAll("button, a")[focused] : null)?.focus({ preventScroll: true });
}
