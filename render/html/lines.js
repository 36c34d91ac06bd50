"use strict";
// Reads off the curves where the pointer is: in each plot the point of each
// curve that is nearest from side to side.
const { plots } = JSON.parse(document.getElementById("data").textContent);
const stage = document.getElementById("stage"), svg = stage.querySelector("svg");
const reading = document.getElementById("reading"), page = svg.viewBox.baseVal;
const marks = document.createElementNS(svg.namespaceURI, "g");
svg.append(marks);

function mark(name, attributes) {
  const e = document.createElementNS(svg.namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  marks.append(e);
}
function nearest(at, x) {
  let best = -1;
  for (let i = 0; i < at.length; i++) if (best < 0 || Math.abs(at[i][0] - x) < Math.abs(at[best][0] - x)) best = i;
  return best;
}
function hide() {
  marks.replaceChildren();
  reading.hidden = true;
}
function show(e) {
  const box = svg.getBoundingClientRect(), k = page.width / box.width;
  const x = (e.clientX - box.left) * k, y = (e.clientY - box.top) * k;
  const plot = plots.find((p) => x >= p.x && x <= p.x + p.w && y >= p.y && y <= p.y + p.h);
  hide();
  if (!plot) return;
  const found = [];
  for (const c of plot.curves) {
    const i = nearest(c.at, x);
    if (i >= 0 && Math.abs(c.at[i][0] - x) < plot.w / 20 + 4) found.push({ c, at: c.at[i], text: c.text[i] });
  }
  if (!found.length) return;
  found.sort((a, b) => a.at[1] - b.at[1]);
  const head = document.createElement("b"), list = document.createElement("ul");
  head.textContent = (plot.title ? plot.title + " " : "") + found[0].text[0];
  mark("line", { x1: found[0].at[0], x2: found[0].at[0], y1: plot.y, y2: plot.y + plot.h, style: "stroke:var(--faint)" });
  for (const { c, at, text } of found) {
    mark("circle", { cx: at[0], cy: at[1], r: 3.5, style: "stroke-width:1.5;stroke:var(--paper);fill:var(--" + c.ink + ")" });
    const item = document.createElement("li"), key = document.createElement("i");
    key.style.background = "var(--" + c.ink + ")";
    item.append(key, c.name + " ", Object.assign(document.createElement("b"), { textContent: text[1] }));
    list.append(item);
  }
  reading.replaceChildren(head, list);
  reading.hidden = false;
  const left = (e.clientX - box.left) + 18, room = box.width - reading.offsetWidth;
  reading.style.left = (left > room ? Math.max(0, left - reading.offsetWidth - 36) : left) + "px";
  reading.style.top = Math.max(0, e.clientY - box.top - 20) + "px";
}
svg.addEventListener("pointermove", show);
svg.addEventListener("pointerdown", show);
svg.addEventListener("pointerleave", hide);
