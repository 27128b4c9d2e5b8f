// The left column: who I am, my chats with the newest on top, and the topics of a forum.

import { briefWithAuthor } from "./bubble.js";
import { arrows, at, avatar, element, hidden, icon, renew, when } from "./dom.js";
import { draws } from "./drawing.js";
import { doing, pictureOf } from "./head.js";
import { go } from "./links.js";
import { isClosed, lastOf, me, open, sees, state, titleOf, topicsOf, unreadIn, unreadOf } from "./state.js";

const KINDS = { group: "people", supergroup: "people", channel: "channel" };
// More people than this are found by their name only.
const MOST_PEOPLE = 60;

function drawList() {
  const chat = open();
  const forum = chat?.is_forum && !state.listing ? chat : null;
  at("forum-head").hidden = !forum;
  at("list").setAttribute("aria-label", forum ? `Topics of ${forum.title}` : "Chats");
  if (forum) at("forum-title").textContent = forum.title;
  renew(at("list"), forum ? topicsOf(forum).map((topic) => topicEntry(forum, topic)) : myChats().map(chatEntry));
  drawMe();
}

draws("list", drawList);

function myChats() {
  const chats = [...state.chats.values()].filter((chat) => sees(state.me, chat));
  const newest = new Map(chats.map((chat) => [chat, lastOf(chat)?.date ?? (chat.type === "private" ? Infinity : 0)]));
  return chats.sort((a, b) => newest.get(b) - newest.get(a) || b.seq - a.seq);
}

function chatEntry(chat) {
  const last = lastOf(chat);
  const sign = KINDS[chat.type] && icon(chat.is_forum ? "topic" : KINDS[chat.type]);
  return entry({
    key: String(chat.id), test: "chat", current: chat.id === state.chat, picture: pictureOf(chat), title: titleOf(chat), sign, last,
    words: doing(chat, 0) || (last ? briefWithAuthor(last) : "No messages yet"), unread: unreadOf(state.me, chat),
    open: () => go(state.me, chat.id),
  });
}

function topicEntry(forum, topic) {
  const thread = topic.message_thread_id;
  const last = lastOf(forum, thread);
  const sign = isClosed(forum, thread) ? element("span", { class: "closed" }, icon("lock"), hidden("closed")) : null;
  return entry({
    key: `${forum.id}/${thread}`, test: "topic", current: thread === state.thread, picture: pictureOf(forum, thread), title: topic.name, sign, last,
    words: doing(forum, thread) || (last ? briefWithAuthor(last) : "No messages yet"), unread: unreadIn(forum, thread),
    open: () => go(state.me, forum.id, thread),
  });
}

function entry({ key, test, current, picture, title, sign, last, words, unread, open: onclick }) {
  return element("li", { "data-key": key }, element("button", {
    type: "button", class: "entry", "data-testid": test, "aria-current": current ? "true" : null, onclick,
  }, picture,
  element("span", { class: "who" },
    element("span", { class: "first" }, element("b", {}, title), sign, element("small", {}, last ? when(last.date) : "")),
    element("span", { class: "second" }, element("span", { class: "last", dir: "auto" }, words), unread > 0 && badge(unread)))));
}

const badge = (number, words = "unread") => element("span", { class: "badge", "data-testid": "unread" }, String(number), hidden(` ${words}`));

function drawMe() {
  const mine = me();
  if (!mine) return;
  const others = [...state.people.keys()].filter((id) => id !== state.me).reduce((sum, id) => sum + unreadOf(id), 0);
  const names = element("span", { class: "names" }, element("small", {}, "You are"), element("b", {}, mine.first_name));
  renew(at("me"), [element("span", { "data-key": "me", class: "whoami" },
    avatar(mine.first_name, mine.id), names, icon("down"), others > 0 && badge(others, "unread for others"))]);
  const unread = unreadOf(state.me);
  document.title = unread ? `(${unread}) ${state.bot.name}` : state.bot.name;
  if (at("people").matches(":popover-open")) drawPeople();
}

/** Who I could be instead. */
function drawPeople() {
  const wanted = at("people-find").value.trim().toLowerCase();
  const found = [...state.people.values()].filter((person) => person.first_name.toLowerCase().includes(wanted));
  at("people-find").hidden = state.people.size <= MOST_PEOPLE / 6;
  renew(at("people-list"), found.slice(0, MOST_PEOPLE).map(personEntry));
}

function personEntry({ id, first_name: name }) {
  const unread = unreadOf(id);
  const beside = `${name} in another window`;
  return element("li", { "data-key": String(id) },
    element("button", { type: "button", class: "entry small", "data-testid": "person", "aria-current": id === state.me ? "true" : null, onclick: () => become(id) },
      avatar(name, id), element("b", {}, name), unread > 0 && badge(unread)),
    element("a", { class: "round", href: `#${id}/${id}`, target: "_blank", "aria-label": beside, title: beside }, icon("window")));
}

/** See the same chat as somebody else, if they are in it; else their own with the bot. */
function become(person) {
  at("people").hidePopover();
  const chat = open();
  if (chat && chat.type !== "private" && sees(person, chat)) go(person, chat.id, chat.is_forum ? state.thread : null);
  else go(person, person);
}

at("me").addEventListener("click", drawPeople);
at("people-find").addEventListener("input", drawPeople);
at("people").addEventListener("toggle", (event) => {
  at("me").setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState === "open") (at("people-find").hidden ? at("people-list").querySelector("button") : at("people-find"))?.focus();
  else at("people-list").replaceChildren();
});
at("forum-back").addEventListener("click", () => {
  state.listing = true;
  drawList();
  at("list").querySelector("[aria-current]")?.focus();
});
arrows(at("list"), ".entry");
arrows(at("people-list"), ".entry");
