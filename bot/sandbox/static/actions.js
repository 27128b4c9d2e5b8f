// What can be done with a message: a small menu, by mouse, finger or keyboard.

import { post } from "./api.js";
import { attempt, copy, openMenu } from "./dom.js";
import { edit, reply } from "./composer.js";
import { isAdmin, isByBot, isMine, isService, may, memberOf, open, silence, state } from "./state.js";

export function messageMenu(message, place) {
  const items = [
    canReply(message) && ["reply", "Reply", () => reply(message)],
    written(message) && ["copy", "Copy text", () => copy(written(message))],
    canEdit(message) && ["edit", "Edit", () => edit(message)],
    canDelete(message) && ["delete", "Delete", () => remove(message)],
  ].filter(Boolean);
  if (items.length) openMenu("Message", items, place);
}

const written = (message) => message.text ?? message.caption;

function canReply(message) {
  const chat = open();
  return !isService(message) && message.chat.id === chat.id && chat.type !== "channel" && !silence(chat, state.thread);
}

function canEdit(message) {
  if (message.text === undefined || isByBot(message)) return false;
  return message.chat.type === "channel" ? may(open(), state.me, "can_edit_messages") : isMine(message);
}

function canDelete(message) {
  const { type } = message.chat;
  if (type === "private" || isMine(message)) return true;
  const chat = open();
  return isAdmin(memberOf(chat, state.me)) && may(chat, state.me, "can_delete_messages");
}

const remove = (message) => attempt(() => post("delete", { chat: message.chat.id, message_id: message.message_id }));
