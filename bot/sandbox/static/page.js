// The chat page: a Telegram of which one is one of its people. This file joins the parts: what happens in the sandbox,
// where the address says one is, keys that work everywhere.

import { call, listen } from "./api.js";
import { attempt, at } from "./dom.js";
import { change, converse, fill, unreadHere } from "./conversation.js";
import { messageMenu } from "./actions.js";
import { command, focusInput, keepDraft, leaveAbout, reply, takeDraft } from "./composer.js";
import { askForPerson, askWhatIsNew } from "./dialogs.js";
import { redraw } from "./drawing.js";
import { act, rest } from "./head.js";
import { answered } from "./keys.js";
import { whereTo } from "./links.js";
import "./list.js";
import { hidePanel } from "./panel.js";
import { chatOf, isService, loadTown, markRead, sees, state, take, threadOf, topicOf } from "./state.js";

const TOWN_PAUSE = 30;

// Where one is

function route() {
  const wanted = whereTo();
  const person = state.people.has(wanted.person) ? wanted.person : state.people.keys().next().value;
  const chat = chatFor(person, state.chats.get(wanted.chat));
  const thread = threadFor(chat, wanted);
  if (person !== state.me || chat.id !== state.chat || thread !== state.thread) enter(person, chat, thread);
  redraw("list", "head", "pinned", "composer", "panel");
}

/** The chat that is shown: not one that this person is not in, and a group that moved where it moved to. */
function chatFor(person, chat) {
  if (chat?.upgraded_to) return chatFor(person, state.chats.get(chat.upgraded_to));
  return chat && sees(person, chat) ? chat : chatOf(person);
}

function threadFor(chat, wanted) {
  if (!chat.is_forum) return 0;
  return wanted.thread !== null && topicOf(chat, wanted.thread) ? wanted.thread : null;
}

function enter(person, chat, thread) {
  keepDraft();
  Object.assign(state, { me: person, chat: chat.id, thread });
  chat.roles = rolesIn(chat);
  // On a phone, who was in a topic that is gone is back at the list of topics.
  if (thread === null) document.body.classList.remove("in-chat");
  const unread = unreadHere();
  markRead();
  fill(unread);
  takeDraft();
}

function onAddress() {
  state.listing = false;
  route();
  document.body.classList.toggle("in-chat", state.thread !== null);
  // On a touch screen the focus would call the keyboard up over the conversation.
  if (state.thread !== null && matchMedia("(hover: hover)").matches) requestAnimationFrame(focusInput);
}

function leaveConversation() {
  document.body.classList.remove("in-chat");
  (at("list").querySelector("[aria-current]") ?? at("me")).focus();
}

// What happens

const town = { timer: null };

/** Ask again for people and chats, once for all that happens until then. */
function lookAgain() {
  town.timer ??= setTimeout(async () => {
    await attempt(loadTown);
    town.timer = null;
    refreshRoles();
    route();
  }, TOWN_PAUSE);
}

const rolesIn = (chat) => JSON.stringify(Object.values(chat.members).map(({ user, status, custom_title: title }) => [user.id, status, title]));

/** Bylines name what somebody is: owner, admin. */
function refreshRoles() {
  const chat = chatOf(state.chat);
  if (chat.roles === rolesIn(chat)) return;
  chat.roles = rolesIn(chat);
  for (const item of at("log").querySelectorAll(".message")) {
    const message = chat.messages.get(Number(item.dataset.messageId));
    if (message) change("changed", message);
  }
}

function onRecord(record) {
  state.seq = record.seq;
  if (record.kind === "answered") return answered(record);
  const kind = take(record);
  if (!state.ready) return;
  const { message } = record;
  const chat = chatOf(record.chat);
  change(kind, message);
  if (record.kind === "sent") rest(record.chat, threadOf(chat, message));
  // Whoever writes to the bot unblocks it by that.
  const person = state.people.get(chat.id);
  if (isService(message) || (chat.type === "private" && (!person || person.blocked))) lookAgain();
  redraw("list", "head", "pinned");
}

function onMention(mention) {
  if (mention.kind === "action") act(mention);
  else lookAgain();
}

function onLost() {
  state.lost = true;
  redraw("head");
}

async function onReady(last) {
  state.lost = false;
  // Another sandbox at the same address: what is shown here is gone.
  if (last < state.seq) return location.reload();
  await attempt(loadTown);
  if (!state.people.size) {
    await attempt(() => call("POST", "people", { first_name: "Ada", language_code: navigator.language.slice(0, 2) }));
    await attempt(loadTown);
  }
  const first = !state.ready;
  state.ready = true;
  if (first) onAddress();
  else route();
}

// Wiring

converse({ command, menu: messageMenu, reply });
window.addEventListener("hashchange", onAddress);
at("back").addEventListener("click", leaveConversation);
at("new-chat").addEventListener("click", (event) => askWhatIsNew(event.currentTarget));
at("add").addEventListener("click", () => { at("people").hidePopover(); askForPerson(); });
document.addEventListener("visibilitychange", () => {
  if (document.hidden || state.chat === null) return;
  markRead();
  redraw("list");
});
document.addEventListener("keydown", (event) => {
  if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) return neighbour(event);
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
  if (leaveAbout() || hidePanel()) return;
  if (document.body.classList.contains("in-chat")) leaveConversation();
});

/** Alt with an arrow key goes to the next chat, as in Telegram's apps. */
function neighbour(event) {
  const entries = [...at("list").querySelectorAll(".entry")];
  const now = entries.findIndex((entry) => entry.hasAttribute("aria-current"));
  event.preventDefault();
  entries[now + (event.key === "ArrowDown" ? 1 : -1)]?.click();
}

listen({ onRecord, onMention, onReady, onLost });
