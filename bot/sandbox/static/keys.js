// The buttons under a message, and the answers to those that were pressed.

import { post } from "./api.js";
import { at, attempt, copy, element, toast } from "./dom.js";
import { follow } from "./links.js";
import { state } from "./state.js";
import { link } from "./text.js";

// A bot that never answers leaves the button turning for this long, as Telegram's apps do.
const PATIENCE = 15000;
const waiting = new Map(); // the pressed button by the query's id
const early = new Map(); // answers that overtook the reply to our own press

export function keyboard(message) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (!rows.length) return null;
  return element("div", { class: "keyboard" }, ...rows.map((row) => element("div", { class: "row" }, ...row.map((button) => keyOf(message, button)))));
}

function keyOf(message, button) {
  const look = { class: `key ${button.style ?? ""}`.trim(), "data-testid": "button" };
  if (button.url) {
    const node = link(button.url, [button.text, element("span", { class: "mark icon i-out", "aria-hidden": "true" })]);
    node.className = look.class;
    node.dataset.testid = "button";
    return node;
  }
  const mark = button.copy_text ? element("span", { class: "mark copies", "aria-hidden": "true" }) : "";
  const node = element("button", { type: "button", ...look, "data-callback": button.callback_data ?? null }, button.text, mark);
  node.addEventListener("click", () => (button.copy_text ? copy(button.copy_text.text) : press(message, button, node)));
  return node;
}

async function press(message, button, node) {
  if (button.callback_data === undefined) return toast("This kind of button does nothing here");
  node.classList.add("busy");
  node.setAttribute("aria-busy", "true");
  const pressed = { person: state.me, chat: message.chat.id, message_id: message.message_id, data: button.callback_data };
  const query = await attempt(() => post("press", pressed));
  if (!query) return idle(node);
  waiting.set(query.id, node);
  setTimeout(() => { waiting.delete(query.id); idle(node); }, PATIENCE);
  const answer = early.get(query.id);
  if (answer) answered(answer);
}

export function answered(record) {
  const id = record.callback_query_id;
  if (!id || !state.ready) return;
  const node = waiting.get(id);
  if (!node) return void early.set(id, record);
  waiting.delete(id);
  early.delete(id);
  idle(node);
  if (record.url) follow(record.url);
  if (!record.text) return;
  if (!record.show_alert) return toast(record.text);
  at("alert-text").textContent = record.text;
  at("alert").showModal();
}

function idle(node) {
  node.classList.remove("busy");
  node.removeAttribute("aria-busy");
}
