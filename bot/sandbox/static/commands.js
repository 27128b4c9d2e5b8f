// The menu of commands over the field: all of them, or those that begin with what is typed.

import { read } from "./api.js";
import { at, attempt, element, toast } from "./dom.js";
import { state } from "./state.js";

export async function offerCommands(typed) {
  const { commands } = (await attempt(() => read(`commands?chat=${state.chat}&person=${state.me}`))) ?? { commands: [] };
  if (typed && !at("input").value.startsWith("/")) return;
  const wanted = commands.filter(({ command }) => `/${command}`.startsWith(typed || "/"));
  at("menu").replaceChildren(...wanted.map(option));
  if (!wanted.length && !typed) toast("The bot has no commands to offer here");
  show(wanted.length > 0);
}

function option({ command, description }, place) {
  return element("li", {
    role: "option", id: `option-${place}`, "data-command": command, "aria-selected": "false", onclick: () => choose(command),
  }, element("b", {}, `/${command}`), element("span", {}, description));
}

function show(visible) {
  at("menu").hidden = !visible;
  at("commands").setAttribute("aria-expanded", String(visible));
  if (!visible) at("input").removeAttribute("aria-activedescendant");
}

export const closeCommands = () => show(false);

export function toggleCommands() {
  if (at("menu").hidden) offerCommands("");
  else closeCommands();
}

function choose(command) {
  closeCommands();
  at("menu").dispatchEvent(new CustomEvent("choose", { detail: command }));
}

function move(by) {
  const options = [...at("menu").children];
  const now = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
  const next = options[(now + by + options.length + (now < 0 && by < 0 ? 1 : 0)) % options.length];
  for (const each of options) each.setAttribute("aria-selected", String(each === next));
  next.scrollIntoView({ block: "nearest" });
  at("input").setAttribute("aria-activedescendant", next.id);
}

/** What a key does while the menu is open. Gives whether it did anything. */
export function commandKey(event) {
  if (at("menu").hidden) return false;
  const selected = at("menu").querySelector('[aria-selected="true"]');
  if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Escape") closeCommands();
  else if (event.key === "Tab" && !event.shiftKey) {
    const { command } = (selected ?? at("menu").firstElementChild).dataset;
    at("menu").dispatchEvent(new CustomEvent("complete", { detail: command }));
    closeCommands();
  } else if (event.key === "Enter" && selected) choose(selected.dataset.command);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}
