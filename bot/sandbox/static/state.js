// What the page knows: people, chats, messages; who I am and what I look at. Nothing of this touches the page itself.

import { read } from "./api.js";

export const state = {
  bot: { id: 0, name: "Bot", username: "", description: "" },
  people: new Map(), // by id
  chats: new Map(), // by id
  me: null, // a person's id
  chat: null, // the id of the chat that is open
  thread: null, // its topic: 0 is General, or all of a chat without topics; null: the list of topics
  listing: false, // the list shows all chats although a forum is open
  seq: 0,
  ready: false,
  lost: false, // the sandbox does not answer
  unread: new Map(), // by "person/chat/thread"
  typing: new Map(), // by "chat/thread"
};

const WRITES = ["sent", "received"];

const EMPTY = { title: "", members: {}, topics: [], pinned: [] };

/** Of a chat: its messages by id, which the bot wrote or hears, who wrote the others, the last one by thread, the last record. */
function noMessages() {
  return { messages: new Map(), byBot: new Set(), heard: new Set(), writers: new Map(), last: new Map(), seq: 0 };
}

export function chatOf(id) {
  if (!state.chats.has(id)) {
    state.chats.set(id, { ...EMPTY, id, type: id > 0 ? "private" : "group", ...noMessages() });
  }
  return state.chats.get(id);
}

export const me = () => state.people.get(state.me);
export const open = () => state.chats.get(state.chat);

/** Ask for people and chats; messages come by themselves. */
export async function loadTown() {
  const [bot, { people }, { chats }] = await Promise.all([read("bot"), read("people"), read("chats")]);
  state.bot = bot;
  state.people = new Map(people.filter((person) => !person.is_bot).map((person) => [person.id, person]));
  for (const person of state.people.values()) chatOf(person.id).title = bot.name;
  for (const chat of chats) learn(chatOf(chat.id), { is_forum: false, ...chat });
}

function learn(chat, about) {
  const turned = chat.is_forum !== undefined && chat.is_forum !== about.is_forum;
  Object.assign(chat, about);
  if (!turned) return;
  chat.last.clear();
  for (const message of chat.messages.values()) chat.last.set(threadOf(chat, message), message);
}

// Who is where, and may do what (as `bot/sandbox/members.py` has it)

export function memberOf(chat, id) {
  return chat.members[id] ?? { status: "left" };
}

export function isPresent(member) {
  return member.status === "restricted" ? member.is_member : ["creator", "administrator", "member"].includes(member.status);
}

export const isAdmin = (member) => member.status === "creator" || member.status === "administrator";

export function sees(person, chat) {
  if (chat.type === "private") return chat.id === person;
  return !chat.deleted && !chat.upgraded_to && isPresent(memberOf(chat, person));
}

export function may(chat, id, right) {
  const member = memberOf(chat, id);
  if (member.status === "creator") return true;
  // An administrator's list names only what others may be without.
  if (member.status === "administrator") return member[right] ?? right !== "can_post_messages";
  if (!isPresent(member) || !chat.permissions?.[right]) return false;
  return member.status === "member" || Boolean(member[right]);
}

/** Why I may not write here; null if I may. */
export function silence(chat, thread) {
  if (chat.type === "private") return me()?.deactivated ? "This account is deleted" : null;
  if (chat.type === "channel") return may(chat, state.me, "can_post_messages") ? null : "You can only read here";
  if (!may(chat, state.me, "can_send_messages")) {
    return memberOf(chat, state.me).status === "restricted" ? "An administrator does not let you write here" : "Only administrators can write here";
  }
  if (chat.is_forum && isClosed(chat, thread) && !may(chat, state.me, "can_manage_topics")) return "The topic is closed by an administrator";
  return null;
}

export function topicsOf(chat) {
  const general = { message_thread_id: 0, name: "General", closed: chat.general_closed };
  return [general, ...chat.topics];
}

export const topicOf = (chat, thread) => topicsOf(chat).find((topic) => topic.message_thread_id === thread);
export const isClosed = (chat, thread) => Boolean(topicOf(chat, thread)?.closed);
export const titleOf = (chat) => (chat.type === "private" ? state.bot.name : chat.title);

// Messages

export function threadOf(chat, message) {
  // A message may be here before its chat is known.
  return (chat.is_forum ?? message.chat.is_forum) && message.is_topic_message ? message.message_thread_id : 0;
}

export const keyOf = (message) => `${message.chat.id}/${message.message_id}`;

/** What a conversation consists of, oldest first. A supergroup begins with what it was as a basic group. */
export function messagesOf(chat, thread) {
  const own = [...chat.messages.values()].filter((message) => threadOf(chat, message) === thread);
  const before = thread === 0 && [...state.chats.values()].find((other) => other.upgraded_to === chat.id);
  return before ? [...before.messages.values(), ...own.filter((message) => !message.migrate_from_chat_id)] : own;
}

export function lastOf(chat, thread = null) {
  if (thread !== null) return chat.last.get(thread) ?? null;
  const threads = chat.is_forum ? topicsOf(chat).map((topic) => topic.message_thread_id) : [0];
  const all = threads.map((id) => chat.last.get(id)).filter(Boolean);
  return all.length ? all.reduce((a, b) => (b.date > a.date || (b.date === a.date && b.message_id > a.message_id) ? b : a)) : null;
}

// A channel's posts are nobody's, whoever wrote them.
export const isMine = (message) => message.chat.type !== "channel" && writerOf(message) === state.me;
const writerOf = (message) => chatOf(message.chat.id).writers.get(message.message_id);
export const isByBot = (message) => chatOf(message.chat.id).byBot.has(message.message_id);
export const isHeard = (message) => chatOf(message.chat.id).heard.has(message.message_id);
export const isService = (message) => message.text === undefined && message.photo === undefined;

export function authorOf(message) {
  const { sender_chat: chat, from } = message;
  return chat ? { id: chat.id, name: chat.title } : { id: from?.id ?? 0, name: from?.first_name ?? "" };
}

/** Keep what a record tells of a message. Gives how the conversation changes: "new", "changed" or "gone". */
export function take(record) {
  const chat = chatOf(record.chat);
  const { message } = record;
  const thread = threadOf(chat, message);
  if (record.kind === "deleted") {
    chat.messages.delete(message.message_id);
    if (chat.last.get(thread)?.message_id === message.message_id) chat.last.set(thread, messagesOf(chat, thread).at(-1));
    return "gone";
  }
  const known = chat.messages.has(message.message_id);
  chat.messages.set(message.message_id, message);
  if (!known) chat.seq = record.seq;
  if (record.kind === "sent") chat.byBot.add(message.message_id);
  if (record.writer) chat.writers.set(message.message_id, record.writer);
  if (record.heard) chat.heard.add(message.message_id);
  if (!known || chat.last.get(thread)?.message_id === message.message_id) chat.last.set(thread, message);
  if (!known && state.ready && WRITES.includes(record.kind)) countUnread(chat, thread, message);
  return known ? "changed" : "new";
}

// Unread

const place = (person, chat, thread) => `${person}/${chat}/${thread}`;

function countUnread(chat, thread, message) {
  const readers = chat.type === "private" ? [chat.id] : Object.keys(chat.members).map(Number).filter((id) => state.people.has(id) && sees(id, chat));
  const writer = writerOf(message);
  for (const person of readers) {
    const key = place(person, chat.id, thread);
    // Who writes has seen what was written before.
    if (person === writer) state.unread.delete(key);
    else if (!isRead(person, chat, thread)) state.unread.set(key, (state.unread.get(key) ?? 0) + 1);
  }
}

function isRead(person, chat, thread) {
  return person === state.me && chat.id === state.chat && thread === state.thread && !document.hidden;
}

export function markRead() {
  state.unread.delete(place(state.me, state.chat, state.thread));
}

export const unreadIn = (chat, thread) => state.unread.get(place(state.me, chat.id, thread)) ?? 0;

/** Unread messages of a person, in one chat or in all. What they no longer see does not count. */
export function unreadOf(person, only = null) {
  let sum = 0;
  for (const [key, number] of state.unread) {
    const [reader, id, thread] = key.split("/").map(Number);
    const chat = chatOf(id);
    if (reader === person && (!only || chat === only) && sees(person, chat) && (!chat.is_forum || topicOf(chat, thread))) sum += number;
  }
  return sum;
}
