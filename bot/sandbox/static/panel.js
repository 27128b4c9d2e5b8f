// What stands behind a chat: who is in it and what they may do, its topics, and what Telegram shall do wrong.

import { post } from "./api.js";
import { at, attempt, avatar, below, element, icon, openMenu, renew, roundButton } from "./dom.js";
import { draws } from "./drawing.js";
import { faultSections, loadFaults } from "./faults.js";
import { about, pictureOf } from "./head.js";
import { isAdmin, isPresent, may, me, memberOf, open, state, titleOf, topicsOf } from "./state.js";

const MOST_SHOWN = 100; // members
const WIDE = "(min-width: 1120px)";

function togglePanel() {
  if (at("panel").hidden) showPanel();
  else hidePanel();
}

function showPanel() {
  at("panel").hidden = false;
  document.body.classList.add("with-panel");
  at("info").setAttribute("aria-expanded", "true");
  drawPanel();
  loadFaults();
  if (!matchMedia(WIDE).matches) at("panel-close").focus();
}

/** Gives whether there was anything to hide. */
export function hidePanel() {
  if (at("panel").hidden) return false;
  at("panel").hidden = true;
  document.body.classList.remove("with-panel");
  at("info").setAttribute("aria-expanded", "false");
  at("info").focus();
  return true;
}

function drawPanel() {
  const chat = open();
  if (at("panel").hidden || !chat) return;
  const ofRoom = () => [memberSection(chat), chat.is_forum && topicSection(chat), chatSection(chat)];
  const sections = chat.type === "private" ? [personSection()] : ofRoom();
  renew(at("panel-body"), [heading(chat), ...sections, ...faultSections(chat)].filter(Boolean));
}

draws("panel", drawPanel);

/** Do something to the chat as who I am, if I am an administrator with that right; else as its owner. */
function act(path, body, right = "can_promote_members") {
  const mine = isAdmin(memberOf(open(), state.me)) && may(open(), state.me, right);
  return attempt(() => post(path, { chat: state.chat, ...(mine ? { by: state.me } : {}), ...body }));
}

const section = (key, title, ...children) => element("section", { "data-key": key }, element("h3", {}, title), ...children);

function action(name, words, onclick, more = {}) {
  return element("button", { type: "button", class: name === "delete" ? "action danger" : "action", onclick, ...more }, icon(name), words);
}

/** What cannot be taken back is asked once more. */
const surely = (work) => (event) => openMenu("Are you sure?", [["delete", "Yes, for good", work], ["close", "No", () => {}]], below(event.currentTarget));

function heading(chat) {
  const name = chat.type === "private" ? `${me().first_name} and ${titleOf(chat)}` : titleOf(chat);
  const words = chat.type === "private" ? "private chat" : `${chat.is_forum ? "forum" : chat.type}, ${about(chat)}`;
  return element("div", { "data-key": "heading", class: "about" }, pictureOf(chat), element("b", {}, name), element("small", {}, words));
}

function personSection() {
  const { first_name: name, blocked, deactivated } = me();
  if (deactivated) return section("person", name, element("p", {}, "This account is deleted."));
  const block = blocked ? action("unlock", "Unblock the bot", () => person("unblock")) : action("block", "Block the bot", () => person("block"));
  block.dataset.testid = "block";
  return section("person", `What ${name} can do`, block, action("delete", `Delete the account of ${name}`, surely(() => person("deactivate"))));
}

const person = (path) => attempt(() => post(path, { person: state.me }));

// Members

const SHOWN = { creator: "owner", administrator: "administrator", member: "member", restricted: "muted", left: "not in it", kicked: "banned" };

function memberSection(chat) {
  const known = Object.values(chat.members).filter((member) => isPresent(member) || member.status === "kicked");
  const rest = known.length - MOST_SHOWN;
  return section("members", chat.type === "channel" ? "Subscribers" : "Members",
    element("ul", {}, ...known.slice(0, MOST_SHOWN).map((member) => memberEntry(chat, member))),
    rest > 0 && element("p", {}, `and ${rest} more`), action("plus", "Add somebody", (event) => addMenu(chat, event.currentTarget)));
}

function memberEntry(chat, member) {
  const { id, first_name: name } = member.user;
  const names = element("span", { class: "names" }, element("b", {}, name), element("small", {}, shown(member)));
  const onclick = (event) => memberMenu(chat, memberOf(chat, id), event.currentTarget);
  return element("li", {}, element("button", { type: "button", class: "entry small", "data-testid": "member", onclick }, avatar(name, id), names, icon("more")));
}

function shown(member) {
  const more = [member.is_anonymous && "anonymous", member.status === "administrator" && member.can_post_messages === false && "may not post"];
  return [member.custom_title || SHOWN[member.status], ...more.filter(Boolean)].join(", ");
}

function memberMenu(chat, { user, status }, button) {
  const become = (name, words, next, more = {}) => [name, words, () => setMember(user.id, next, more)];
  const muted = chat.type === "supergroup" && status !== "restricted" && become("block", "Mute", "restricted", { rights: {} });
  const ordinary = (chat.type !== "channel" || !user.is_bot) && status !== "member" && become("person", "Make an ordinary member", "member");
  const silent = chat.type === "channel" && user.is_bot && become("block", "Forbid posting", "administrator", { rights: { can_post_messages: false } });
  const anonymous = chat.type === "supergroup" && become("star", "Make an anonymous administrator", "administrator", { anonymous: true });
  openMenu(user.first_name, [
    become("star", "Make an administrator", "administrator"), anonymous, silent, ordinary, muted,
    become("leave", "Remove", "left"), become("delete", "Remove and ban", "kicked"),
  ].filter(Boolean), below(button));
}

function addMenu(chat, button) {
  const bot = { id: state.bot.id, first_name: state.bot.name };
  const absent = [bot, ...state.people.values()].filter(({ id, deactivated }) => !deactivated && !isPresent(memberOf(chat, id)));
  const status = (id) => (chat.type === "channel" && id === state.bot.id ? "administrator" : "member");
  const items = absent.slice(0, 40).map(({ id, first_name: name }) => ["person", name, () => setMember(id, status(id))]);
  if (items.length) openMenu("Add", items, below(button));
}

const setMember = (id, status, more = {}) => act("chats/member", { user: id, status, ...more });

// Topics

function topicSection(chat) {
  const rows = topicsOf(chat).map((topic) => {
    const thread = topic.message_thread_id;
    const toggle = topic.closed ? ["unlock", `Reopen ${topic.name}`, "topics/reopen"] : ["lock", `Close ${topic.name}`, "topics/close"];
    return element("li", { class: "topic-row" }, element("span", {}, topic.name),
      roundButton(toggle[0], toggle[1], () => act(toggle[2], { thread }, "can_manage_topics")),
      thread > 0 && roundButton("delete", `Delete ${topic.name}`, surely(() => act("topics/delete", { thread }, "can_manage_topics"))));
  });
  return section("topics", "Topics", element("ul", {}, ...rows), nameForm("New topic", "Add", "", (name) => act("topics", { name }, "can_manage_topics")));
}

function nameForm(label, words, value, work) {
  const field = element("input", { required: true, maxlength: "128", value, "aria-label": label, placeholder: label });
  const submit = (event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (!name) return;
    if (!value) field.value = "";
    work(name);
  };
  return element("form", { class: "line", onsubmit: submit }, field, element("button", { class: "strong" }, words));
}

// The chat itself

function chatSection(chat) {
  const group = chat.type !== "channel";
  return section("chat", "The chat",
    nameForm("Name of the chat", "Rename", chat.title, (title) => act("chats/change", { title }, "can_change_info")),
    group && check("Members may write", chat.permissions.can_send_messages, (can) => act("chats/permissions", { permissions: { can_send_messages: can } })),
    chat.type === "supergroup" && check("Topics", chat.is_forum, (forum) => act("chats/change", { forum })),
    chat.type === "group" && action("up", "Upgrade to a supergroup", () => act("chats/upgrade", {}, "as the creator")),
    action("leave", "Leave", () => act("chats/member", { user: state.me, status: "left", by: state.me })),
    action("delete", "Delete the chat", surely(() => act("chats/change", { deleted: true }))));
}

function check(words, value, work) {
  const box = element("input", { type: "checkbox", checked: Boolean(value), onchange: () => work(box.checked) });
  return element("label", { class: "check" }, box, words);
}

at("info").addEventListener("click", togglePanel);
at("head-names").addEventListener("click", togglePanel);
at("panel-close").addEventListener("click", hidePanel);
