// What Telegram shall do wrong: faults in force, a new one, an end to them all.

import { call, post, read } from "./api.js";
import { attempt, element, icon } from "./dom.js";
import { redraw } from "./drawing.js";
import { state } from "./state.js";

const KINDS = {
  429: "Too many requests (429)",
  500: "Server error (500)",
  502: "Bad gateway (502)",
  reset_after: "Taken, but the answer is lost",
  reset_before: "The connection breaks",
  hang_before: "No answer at all",
  latency: "Slow answers",
};
const OFTEN = { 1: "once", 3: "three times", "": "until cleared" };
let inForce = [];

export async function loadFaults() {
  const answer = await attempt(() => read("faults"));
  inForce = answer?.faults ?? [];
  redraw("panel");
}

export function faultSections(chat) {
  const list = inForce.map((fault) => element("li", {}, icon("fault"), inWords(fault)));
  const clear = element("button", { type: "button", class: "action", onclick: clearAll }, icon("close"), "Clear all faults");
  const some = list.length > 0 && [element("ul", { class: "faults", "data-testid": "faults" }, ...list), clear];
  const told = element("section", { "data-key": "faults" }, element("h3", {}, "What Telegram does wrong"), ...some || []);
  return [told, element("section", { "data-key": "new-fault" }, form(chat))];
}

function inWords({ kind, chat, times, method, retry_after: retry, seconds }) {
  const long = { 429: `, retry after ${retry} s`, latency: `, ${seconds} s` }[kind] ?? "";
  const where = chat ? (state.chats.get(chat)?.type === "private" ? "in a private chat" : `in ${state.chats.get(chat)?.title ?? chat}`) : "everywhere";
  const often = times ? `${times} more time${times === 1 ? "" : "s"}` : "until cleared";
  return `${KINDS[kind] ?? kind}${long}: ${method ? "messages" : "all calls"} ${where}, ${often}`;
}

function form(chat) {
  const option = ([value, words]) => element("option", { value }, words);
  const choice = (name, label, options) => element("label", {}, label, element("select", { name }, ...Object.entries(options).map(option)));
  const submit = async (event) => {
    event.preventDefault();
    const { kind, where, what, times, seconds } = Object.fromEntries(new FormData(event.currentTarget));
    const fault = { kind, chat: where ? Number(where) : null, method: what || null, times: times ? Number(times) : null };
    const long = Math.max(1, Math.round(Number(seconds)));
    await attempt(() => post("faults", [{ ...fault, retry_after: long, seconds: Number(seconds) }]));
    loadFaults();
  };
  // Integer-like names come first in an object, whatever their order here: 429, 500, 502, then the rest.
  return element("form", { class: "fields", onsubmit: submit, "aria-label": "A new fault" },
    choice("kind", "What", KINDS), choice("where", "Where", { [chat.id]: "this chat", "": "everywhere" }),
    choice("what", "Which calls", { sendMessage: "messages", "": "all calls" }), choice("times", "How often", OFTEN),
    element("label", {}, "Seconds (429, slow)", element("input", { name: "seconds", type: "number", min: "0.1", max: "600", step: "0.1", value: "5" })),
    element("button", { class: "strong" }, "Let it happen"));
}

async function clearAll() {
  await attempt(() => call("DELETE", "faults"));
  loadFaults();
}
