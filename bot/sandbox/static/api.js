// The sandbox's side of people, `bot/sandbox/control.py`: calls, and what happens as server-sent events.

const token = location.pathname.split("/")[2];
const base = `/sandbox/${token}`;

export const photoAt = (fileId) => `/chat/${token}/photos/${encodeURIComponent(fileId)}`;

export async function call(verb, path, body) {
  const options = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`${base}/${path}`, { method: verb, ...options });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

export const read = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);

/** Hear of records, of mentions (what is not kept), each time that all of the past has been told, and when the line breaks. */
export function listen({ onRecord, onMention, onReady, onLost }) {
  const events = new EventSource(`${base}/events?mentions=1`);
  events.onerror = onLost;
  events.onmessage = (event) => onRecord(JSON.parse(event.data));
  events.addEventListener("mention", (event) => onMention(JSON.parse(event.data)));
  events.addEventListener("ready", (event) => onReady(JSON.parse(event.data).last));
}
