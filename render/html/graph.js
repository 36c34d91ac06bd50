"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const svg = document.querySelector("#stage svg"), side = document.getElementById("side");
const of = (kind) => {
  const list = [];
  for (const g of svg.querySelectorAll("g." + kind)) list[+g.dataset.i] = g;
  return list;
};
const nodes = of("node"), edges = of("edge"), groups = of("group");

// The view is the part of the drawing that the stage shows.
const whole = svg.viewBox.baseVal;
const full = { x: whole.x, y: whole.y, w: whole.width, h: whole.height };
let view = { ...full };
svg.removeAttribute("width");
svg.removeAttribute("height");

function show(v) {
  view = v;
  svg.setAttribute("viewBox", [v.x, v.y, v.w, v.h].join(" "));
}
function pixel() { // how much of the drawing one pixel of the screen is
  return Math.max(view.w / svg.clientWidth, view.h / svg.clientHeight) || 1;
}
function fit() {
  // A graph that would become unreadable is shown from its top instead.
  const least = 0.6, stage = { w: svg.clientWidth || 800, h: svg.clientHeight || 600 };
  const scale = Math.min(stage.w / full.w, stage.h / full.h, 1.6);
  if (scale >= least || !fit.first) {
    const w = stage.w / scale, h = stage.h / scale;
    show({ x: full.x + (full.w - w) / 2, y: full.y + (full.h - h) / 2, w, h });
  } else {
    const k = Math.max(least, Math.min(1, stage.w / full.w));
    const w = stage.w / k, h = stage.h / k;
    show({ x: full.x + (full.w - w) / 2, y: full.y, w, h });
  }
  fit.first = false;
}
fit.first = true;
function zoom(factor, px, py) {
  const box = svg.getBoundingClientRect(), k = pixel();
  const w = svg.clientWidth * k, h = svg.clientHeight * k;
  const left = view.x + (view.w - w) / 2, top = view.y + (view.h - h) / 2;
  const x = left + (px - box.left) * k, y = top + (py - box.top) * k;
  const next = Math.min(Math.max(k / factor, 0.05), 4 * Math.max(full.w / svg.clientWidth, full.h / svg.clientHeight, 1));
  const r = next / k;
  show({ x: x - (x - left) * r, y: y - (y - top) * r, w: w * r, h: h * r });
}
function zoomMiddle(factor) {
  const box = svg.getBoundingClientRect();
  zoom(factor, box.left + box.width / 2, box.top + box.height / 2);
}
svg.addEventListener("wheel", (e) => {
  e.preventDefault();
  zoom(Math.exp(-Math.max(-60, Math.min(60, e.deltaY)) * 0.006), e.clientX, e.clientY);
}, { passive: false });

// Dragging moves; two fingers zoom.
const fingers = new Map();
let moved = 0;
svg.addEventListener("pointerdown", (e) => {
  if (e.button) return;
  fingers.set(e.pointerId, e);
  if (fingers.size === 1) moved = 0;
});
svg.addEventListener("pointermove", (e) => {
  const last = fingers.get(e.pointerId);
  if (!last) return;
  const dx = e.clientX - last.clientX, dy = e.clientY - last.clientY;
  moved += Math.abs(dx) + Math.abs(dy);
  if (moved > 4 && !svg.hasPointerCapture(e.pointerId)) svg.setPointerCapture(e.pointerId);
  if (fingers.size === 1) {
    const k = pixel();
    svg.classList.add("dragging");
    show({ ...view, x: view.x - dx * k, y: view.y - dy * k });
  } else {
    const other = [...fingers.values()].find((f) => f.pointerId !== e.pointerId);
    const before = Math.hypot(last.clientX - other.clientX, last.clientY - other.clientY);
    const after = Math.hypot(e.clientX - other.clientX, e.clientY - other.clientY);
    if (before > 0) zoom(after / before, other.clientX, other.clientY);
  }
  fingers.set(e.pointerId, e);
});
for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, (e) => {
  fingers.delete(e.pointerId);
  svg.classList.remove("dragging");
});

// Choosing a box shows what there is to know of it and where it leads.
function element(name, text, className) {
  const e = document.createElement(name);
  if (text) e.textContent = text;
  if (className) e.className = className;
  return e;
}
function facts(list) {
  const dl = element("dl");
  for (const f of list) {
    const row = element("div");
    row.append(element("dt", f.name), element("dd", f.value));
    dl.append(row);
  }
  return dl;
}
function neighbours(title, list, end) {
  if (!list.length) return [];
  const ul = element("ul");
  for (const e of list) {
    const n = data.nodes[e[end]], item = element("li");
    const button = element("button", n.title + " · " + n.id + (e.label ? "  " + e.label : ""));
    button.addEventListener("click", () => { choose("node", e[end]); centre(nodes[e[end]]); });
    item.append(button);
    ul.append(item);
  }
  return [element("h3", title), ul];
}
function clear() {
  for (const e of svg.querySelectorAll(".on,.chosen")) e.classList.remove("on", "chosen");
  svg.classList.remove("faded");
  side.hidden = true;
}
function choose(kind, i) {
  clear();
  const close = element("button", "×", "close");
  close.title = "Close";
  close.addEventListener("click", clear);
  if (kind === "group") {
    const g = data.groups[i];
    groups[i].classList.add("chosen");
    side.replaceChildren(close, element("h2", g.title), element("p", g.path, "id"), facts(g.facts));
  } else {
    const n = data.nodes[i];
    const into = data.edges.filter((e) => e.to === i), from = data.edges.filter((e) => e.from === i);
    nodes[i].classList.add("chosen", "on");
    data.edges.forEach((e) => {
      if (e.from !== i && e.to !== i) return;
      if (edges[e.index]) edges[e.index].classList.add("on");
      for (const end of [e.from, e.to]) if (nodes[end]) nodes[end].classList.add("on");
    });
    side.replaceChildren(close, element("h2", n.title), element("p", n.id, "id"), facts(n.facts),
      ...neighbours("from", into, "from"), ...neighbours("to", from, "to"));
  }
  side.hidden = false;
}
function centre(g) {
  const b = g.getBBox(), k = Math.min(pixel(), 1);
  const w = svg.clientWidth * k, h = svg.clientHeight * k;
  show({ x: b.x + b.width / 2 - w / 2, y: b.y + b.height / 2 - h / 2, w, h });
}
svg.addEventListener("click", (e) => {
  if (moved > 4) return;
  const hit = e.target.closest("g.node,g.group");
  if (!hit || hit.classList.contains("group") && e.target.tagName !== "text") return clear();
  choose(hit.classList.contains("node") ? "node" : "group", +hit.dataset.i);
});

// Searching marks the boxes that have the words; Enter goes from one to the next.
const search = document.getElementById("search"), found = document.getElementById("found");
const texts = data.nodes.map((n) => [n.title, n.id, ...n.lines, ...n.facts.map((f) => f.value)].join("\n").toLowerCase());
let hits = [], at = -1;
search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  clear();
  hits = [];
  at = -1;
  if (wanted) texts.forEach((t, i) => { if (t.includes(wanted) && nodes[i]) hits.push(i); });
  svg.classList.toggle("faded", !!wanted);
  for (const i of hits) nodes[i].classList.add("on");
  found.textContent = wanted ? (hits.length ? hits.length + " found, Enter for the next" : "none found") : "";
});
search.addEventListener("keydown", (e) => {
  if (e.key === "Escape") { search.value = ""; found.textContent = ""; clear(); }
  if (e.key !== "Enter" || !hits.length) return;
  at = (at + (e.shiftKey ? hits.length - 1 : 1)) % hits.length;
  for (const n of svg.querySelectorAll(".chosen")) n.classList.remove("chosen");
  nodes[hits[at]].classList.add("chosen");
  centre(nodes[hits[at]]);
  found.textContent = (at + 1) + " of " + hits.length;
});

document.getElementById("in").addEventListener("click", () => zoomMiddle(1.4));
document.getElementById("out").addEventListener("click", () => zoomMiddle(1 / 1.4));
document.getElementById("fit").addEventListener("click", fit);
addEventListener("keydown", (e) => {
  if (e.target.tagName === "INPUT" || e.ctrlKey || e.metaKey || e.altKey) return;
  const step = 80 * pixel();
  const keys = {
    "+": () => zoomMiddle(1.4), "=": () => zoomMiddle(1.4), "-": () => zoomMiddle(1 / 1.4), "0": fit,
    "Escape": clear, "/": () => { e.preventDefault(); search.focus(); },
    ArrowLeft: () => show({ ...view, x: view.x - step }), ArrowRight: () => show({ ...view, x: view.x + step }),
    ArrowUp: () => show({ ...view, y: view.y - step }), ArrowDown: () => show({ ...view, y: view.y + step }),
  };
  if (Object.hasOwn(keys, e.key)) keys[e.key]();
});
addEventListener("resize", () => {
  const k = pixel(), w = svg.clientWidth * k, h = svg.clientHeight * k;
  show({ x: view.x + (view.w - w) / 2, y: view.y + (view.h - h) / 2, w, h });
});
fit();
