// Writing: a message, an answer, an edit; as whom; or the reason why nothing may be written.

import { post } from "./api.js";
import { brief } from "./bubble.js";
import { at, attempt, element } from "./dom.js";
import { draws, redraw } from "./drawing.js";
import { closeCommands, commandKey, offerCommands, toggleCommands } from "./commands.js";
import { authorOf, isAdmin, isMine, me, memberOf, messagesOf, open, silence, state } from "./state.js";

const MOST_TALL = 160;
const drafts = new Map(); // by the conversation's place
let about = null; // {kind: "reply" or "edit", message}

const place = () => `${state.me}/${state.chat}/${state.thread}`;

/** Leave a conversation: what is written in it waits there. */
export function keepDraft() {
  if (about?.kind !== "edit") drafts.set(place(), at("input").value);
  about = null;
}

export function takeDraft() {
  at("input").value = drafts.get(place()) ?? "";
  closeCommands();
  grow();
  redraw("composer");
}

export function focusInput() {
  if (!at("composer").hidden) at("input").focus({ preventScroll: true });
}

export function reply(message) {
  about = { kind: "reply", message };
  drawComposer();
  focusInput();
}

export function edit(message) {
  about = { kind: "edit", message };
  at("input").value = message.text;
  drawComposer();
  grow();
  focusInput();
}

/** Forget what the next message is about. Gives whether there was anything. */
export function leaveAbout() {
  if (!about) return false;
  if (about.kind === "edit") at("input").value = "";
  about = null;
  drawComposer();
  grow();
  return true;
}

// How it looks

function drawComposer() {
  const chat = open();
  if (!chat) return;
  const chosen = state.thread !== null;
  const why = chosen ? silence(chat, state.thread) : null;
  const blocked = !why && chat.type === "private" && Boolean(me()?.blocked);
  at("composer").hidden = !chosen || Boolean(why) || blocked;
  at("silence").hidden = !why && !blocked;
  at("silence-why").textContent = why ?? "You have blocked the bot";
  at("restart").hidden = !blocked;
  at("commands").hidden = chat.type === "channel";
  at("input").placeholder = chat.type === "channel" ? "Broadcast a message" : "Message";
  drawAbout();
  drawIdentities(chat);
  grow();
}

draws("composer", drawComposer);

function drawAbout() {
  at("about").hidden = !about || at("composer").hidden;
  if (!about) return;
  at("about-who").textContent = about.kind === "edit" ? "Edit message" : `Reply to ${isMine(about.message) ? "yourself" : authorOf(about.message).name || open().title}`;
  at("about-text").textContent = brief(about.message);
}

function identities(chat) {
  if (!["group", "supergroup"].includes(chat.type)) return [];
  const member = memberOf(chat, state.me);
  const anonymous = isAdmin(member) ? [["anonymous", `${chat.title} (anonymous)`]] : [];
  const channels = [...state.chats.values()].filter((each) => each.type === "channel" && memberOf(each, state.me).status === "creator");
  const as = chat.type === "supergroup" ? channels.map((each) => [String(each.id), `${each.title} (channel)`]) : [];
  return [["me", me()?.first_name ?? "me"], ...anonymous, ...as];
}

function drawIdentities(chat) {
  const wanted = identities(chat);
  const select = at("as");
  at("identity").hidden = wanted.length < 2;
  const key = `${place()} ${JSON.stringify(wanted)}`;
  if (select.dataset.of === key) return;
  select.dataset.of = key;
  select.replaceChildren(...wanted.map(([value, words]) => element("option", { value }, words)));
  if (memberOf(chat, state.me).is_anonymous) select.value = "anonymous";
}

function grow() {
  const input = at("input");
  // What is not laid out has no height: it grows when it is shown.
  if (!input.offsetParent) return;
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, MOST_TALL)}px`;
}

// What it does

function identity() {
  const as = at("identity").hidden ? "me" : at("as").value;
  if (as === "me") return {};
  return as === "anonymous" ? { anonymous: true } : { as_channel: Number(as) };
}

async function say(text, replyTo = null) {
  closeCommands();
  const as = identity();
  const answers = replyTo ? { reply_to: replyTo.message_id } : {};
  const body = { person: state.me, chat: state.chat, thread: state.thread ?? 0, text, ...answers, ...as };
  return attempt(() => post("send", body));
}

/** A command that stands in a message: in a group it names the bot, as in Telegram's apps. */
export function command(text) {
  say(open().type === "private" || text.includes("@") ? text : `${text}@${state.bot.username}`);
}

async function submit() {
  const text = at("input").value;
  if (!text.trim()) return;
  const sent = about;
  about = null;
  at("input").value = "";
  drawComposer();
  grow();
  const done = sent?.kind === "edit" ? await rewrite(sent.message, text) : await say(text, sent?.message);
  if (done || at("input").value) return;
  at("input").value = text;
  about = sent;
  drawComposer();
  grow();
}

const rewrite = (message, text) =>
  attempt(() => post("edit", { person: state.me, chat: message.chat.id, message_id: message.message_id, text }));

function editLast() {
  const last = messagesOf(open(), state.thread).findLast((message) => isMine(message) && message.text);
  if (last) edit(last);
}

// Wiring

at("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
at("input").addEventListener("input", () => {
  grow();
  if (/^\/\w*$/.test(at("input").value)) offerCommands(at("input").value);
  else closeCommands();
});
at("input").addEventListener("keydown", (event) => {
  if (commandKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  } else if (event.key === "ArrowUp" && !at("input").value && !about) {
    event.preventDefault();
    editLast();
  }
});
at("commands").addEventListener("click", () => { toggleCommands(); at("input").focus(); });
at("about-cancel").addEventListener("click", () => { leaveAbout(); focusInput(); });
at("start").addEventListener("click", () => say("/start"));
at("restart").addEventListener("click", () => attempt(async () => {
  await post("unblock", { person: state.me });
  await post("start", { person: state.me });
}));
at("menu").addEventListener("choose", (event) => {
  at("input").value = "";
  grow();
  command(`/${event.detail}`);
  at("input").focus();
});
at("menu").addEventListener("complete", (event) => { at("input").value = `/${event.detail} `; });

