// Links to the bot and to chats of this Telegram stay on the page; all others open in a new tab.

import { post } from "./api.js";
import { attempt, toast } from "./dom.js";
import { sees, state } from "./state.js";

const HOSTS = new Set(["t.me", "telegram.me", "telegram.dog"]);

/** What a link leads to: `{name, start?, startgroup?}` for a Telegram name, else null. */
function target(address) {
  let url;
  try { url = new URL(address); } catch { return null; }
  const query = Object.fromEntries(url.searchParams);
  if (url.protocol === "tg:" && `${url.hostname}${url.pathname}`.replaceAll("/", "") === "resolve") return { ...query, name: query.domain };
  const [, name, more] = url.pathname.split("/");
  return HOSTS.has(url.hostname) && name && !more ? { ...query, name } : null;
}

/** Follow a link to a name of Telegram. Gives whether it was one that is known here. */
export function follow(address) {
  const wanted = target(address);
  const name = wanted?.name?.toLowerCase();
  if (!name) return false;
  if (name === state.bot.username.toLowerCase()) toBot(wanted);
  else if (!toChat(name)) return false;
  return true;
}

async function toBot({ start, startgroup }) {
  if (startgroup !== undefined) return document.dispatchEvent(new CustomEvent("startgroup", { detail: startgroup }));
  go(state.me, state.me);
  if (start !== undefined) await attempt(() => post("start", { person: state.me, payload: start }));
}

function toChat(name) {
  const chat = [...state.chats.values()].find((each) => each.username?.toLowerCase() === name && each.type !== "private");
  if (!chat) return false;
  if (sees(state.me, chat)) go(state.me, chat.id);
  else toast(`You are not in ${chat.title}`);
  return true;
}

/** The address names person, chat and topic, so that two windows can show two people. */
export function go(person, chat, thread = null) {
  const wanted = thread === null ? `#${person}/${chat}` : `#${person}/${chat}/${thread}`;
  // Going to where one is already still means to look there.
  if (location.hash === wanted) window.dispatchEvent(new Event("hashchange"));
  else location.hash = wanted;
}

export function whereTo() {
  const [person, chat, thread] = location.hash.slice(1).split("/");
  return { person: Number(person), chat: Number(chat ?? person), thread: thread === undefined ? null : Number(thread) };
}

document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[href]");
  if (anchor && follow(anchor.href)) event.preventDefault();
});
