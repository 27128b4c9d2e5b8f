// The line above a conversation: whose it is, and what goes on there.

import { at, avatar } from "./dom.js";
import { draws, redraw } from "./drawing.js";
import { isPresent, me, open, silence, state, titleOf, topicOf } from "./state.js";

// Telegram's apps show an action for so long after the bot has told of it.
const ACTION_LASTS = 5000;
const WORDS = { typing: "typing", upload_photo: "sending a photo", find_location: "choosing a place" };

export function act({ chat, thread, action }) {
  const key = `${chat}/${thread}`;
  clearTimeout(state.typing.get(key)?.timer);
  const timer = setTimeout(() => rest(chat, thread), ACTION_LASTS);
  state.typing.set(key, { words: WORDS[action] ?? "busy", timer });
  redraw("head", "list");
}

/** What the bot was about to send has come. */
export function rest(chat, thread) {
  const key = `${chat}/${thread}`;
  clearTimeout(state.typing.get(key)?.timer);
  if (state.typing.delete(key)) redraw("head", "list");
}

/** What the bot is doing in a chat, in words; "" if nothing. */
export function doing(chat, thread) {
  const action = state.typing.get(`${chat.id}/${thread}`);
  if (!action) return "";
  return chat.type === "private" ? `${action.words} …` : `${state.bot.name} is ${action.words} …`;
}

const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

export function about(chat) {
  if (chat.type === "private") return "bot";
  const here = Object.values(chat.members).filter(isPresent).length;
  return count(here, chat.type === "channel" ? "subscriber" : "member");
}

/** The picture of a chat: the bot's letter, a topic's sign, the title's letter. */
export function pictureOf(chat, thread = null) {
  if (chat.type === "private") return avatar(state.bot.name, state.bot.id);
  if (chat.is_forum && thread !== null) return topicPicture(topicOf(chat, thread));
  return avatar(chat.title, chat.id);
}

function topicPicture(topic) {
  const node = avatar("", 4, topic?.message_thread_id ? "topic" : "general");
  if (topic?.icon_color) node.style.background = `color-mix(in srgb, #${topic.icon_color.toString(16).padStart(6, "0")} 80%, #000)`;
  return node;
}

function drawHead() {
  const chat = open();
  if (!chat) return;
  const topic = chat.is_forum && state.thread !== null ? topicOf(chat, state.thread) : null;
  const title = topic ? topic.name : titleOf(chat);
  at("title").textContent = title;
  const action = state.thread === null ? "" : doing(chat, state.thread);
  at("subtitle").textContent = state.lost ? "connecting …" : action || (topic ? `${chat.title}${topic.closed ? " · closed" : ""}` : about(chat));
  at("subtitle").classList.toggle("doing", Boolean(action));
  at("picture").replaceChildren(pictureOf(chat, state.thread));
  at("log").setAttribute("aria-label", `Conversation: ${title}`);
  drawHint(chat);
}

draws("head", drawHead);

/** What stands where there are no messages yet. */
function drawHint(chat) {
  const choosing = state.thread === null;
  const empty = choosing || !at("log").querySelector("article");
  const fresh = chat.type === "private" && !silence(chat, 0) && !me()?.blocked;
  at("hint").hidden = !state.ready || !empty;
  at("start").hidden = at("say-start").hidden = !fresh;
  const words = choosing ? "Choose a topic" : "No messages here yet";
  at("description").textContent = chat.type === "private" ? state.bot.description : words;
  at("description").hidden = !at("description").textContent;
}
