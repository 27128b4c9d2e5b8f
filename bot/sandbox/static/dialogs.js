// Making people and chats, and the question into which group the bot shall come.

import { post } from "./api.js";
import { at, attempt, below, element, openMenu } from "./dom.js";
import { go } from "./links.js";
import { loadTown, memberOf, isPresent, sees, state } from "./state.js";

const KINDS = {
  group: { title: "New group", kind: "group", sign: "people" },
  supergroup: { title: "New supergroup", kind: "supergroup", sign: "people" },
  forum: { title: "New forum", kind: "supergroup", forum: true, sign: "topic" },
  channel: { title: "New channel", kind: "channel", sign: "channel" },
};
// More people than this are invited in the chat's own panel.
const MOST_INVITED = 30;

export function askWhatIsNew(button) {
  const chats = Object.entries(KINDS).map(([name, { title, sign }]) => [sign, title, () => askForChat(name)]);
  openMenu("New", [...chats, ["person", "New person", askForPerson]], below(button));
}

export function askForPerson() {
  at("new-form").reset();
  at("new").showModal();
}

function askForChat(name) {
  const { title, kind } = KINDS[name];
  at("room-form").reset();
  at("room-form").dataset.kind = name;
  at("room-heading").textContent = title;
  at("room-bot-words").textContent = kind === "channel" ? `${state.bot.name} is an administrator` : `${state.bot.name} is in it`;
  const others = [...state.people.values()].filter((person) => person.id !== state.me && !person.deactivated);
  at("room-members").hidden = !others.length;
  at("room-people").replaceChildren(...others.slice(0, MOST_INVITED).map((person) =>
    element("label", { class: "check" }, element("input", { type: "checkbox", name: "member", value: String(person.id) }), person.first_name)));
  at("room").showModal();
}

async function addPerson(name) {
  const person = await attempt(() => post("people", { first_name: name, language_code: at("new-language").value, started: false }));
  if (!person) return;
  await attempt(loadTown);
  go(person.id, person.id);
}

async function addChat(title) {
  const { kind, forum = false } = KINDS[at("room-form").dataset.kind];
  const members = [...at("room-people").querySelectorAll("input:checked")].map((box) => Number(box.value));
  const bot = at("room-bot").checked ? {} : { bot: "none" };
  const chat = await attempt(() => post("chats", { kind, forum, title, owner: state.me, members, ...bot }));
  if (!chat) return;
  await attempt(loadTown);
  go(state.me, chat.id);
}

/** A ?startgroup= link: the bot is added to a group of mine, with what the link passes on. */
function askForGroup(payload) {
  const groups = [...state.chats.values()].filter((chat) => ["group", "supergroup"].includes(chat.type) && sees(state.me, chat));
  at("invite-list").replaceChildren(...groups.map((chat) => element("li", {}, element("button", {
    type: "button", class: "entry small", onclick: () => invite(chat, payload),
  }, chat.title, isPresent(memberOf(chat, state.bot.id)) ? element("small", {}, "the bot is in it") : null))));
  at("invite-none").hidden = groups.length > 0;
  at("invite").showModal();
}

async function invite(chat, payload) {
  at("invite").close();
  const there = isPresent(memberOf(chat, state.bot.id));
  const greeting = { person: state.me, chat: chat.id, text: `/start@${state.bot.username} ${payload}`.trim() };
  const coming = { chat: chat.id, user: "bot", status: "member", by: state.me, payload };
  await attempt(() => (there ? post("send", greeting) : post("chats/member", coming)));
  go(state.me, chat.id);
}

/** A form in a dialog: it closes and gives the name that was written. */
function onName(form, field, dialog, work) {
  at(form).addEventListener("submit", (event) => {
    event.preventDefault();
    const name = at(field).value.trim();
    if (!name) return;
    at(dialog).close();
    work(name);
  });
}

onName("new-form", "new-name", "new", addPerson);
onName("room-form", "room-name", "room", addChat);
for (const dialog of ["new", "room", "invite"]) {
  for (const button of at(dialog).querySelectorAll(".cancel")) button.addEventListener("click", () => at(dialog).close());
}
document.addEventListener("startgroup", (event) => askForGroup(event.detail));
