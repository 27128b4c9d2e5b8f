// What has changed is drawn a moment later, once for all that happens until then.

const PAUSE = 30;
const drawers = new Map();
const wanted = new Set();
let timer = null;

/** Say how a part of the page is drawn. */
export function draws(part, draw) {
  drawers.set(part, draw);
}

export function redraw(...parts) {
  for (const part of parts) wanted.add(part);
  timer ??= setTimeout(drawNow, PAUSE);
}

function drawNow() {
  clearTimeout(timer);
  timer = null;
  const now = [...drawers].filter(([part]) => wanted.has(part));
  wanted.clear();
  for (const [, draw] of now) draw();
}
