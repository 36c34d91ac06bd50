"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const fig = data.figure, main = document.querySelector("main");
const bytes = (text) => Uint8Array.from(atob(text || ""), (c) => c.charCodeAt(0));
const colormaps = new Map(data.colormaps.map((c) => [c.name, {
  type: c.type, colors: Uint8Array.from({ length: 768 }, (_, i) => parseInt(c.colors.substr(2 * i, 2), 16)),
}]));
const state = { colors: data.colormap, size: 96 };

function element(name, text, className) {
  const e = document.createElement(name);
  if (text) e.textContent = text;
  if (className) e.className = className;
  return e;
}
function numberText(v) {
  return v === null || !isFinite(v) ? "–" : String(parseFloat(v.toPrecision(4)));
}

// A picture's pixels, and those of a map over it or alone.
function drawPicture(canvas, p) {
  const rgb = bytes(p.pix);
  if (!(p.w > 0 && p.h > 0) || rgb.length < 3 * p.w * p.h) return;
  canvas.width = p.w;
  canvas.height = p.h;
  const img = new ImageData(p.w, p.h);
  for (let i = 0; i < p.w * p.h; i++) img.data.set([rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2], 255], 4 * i);
  canvas.getContext("2d").putImageData(img, 0, 0);
}
function drawMap(canvas, t, over) {
  const { colors, type } = colormaps.get(state.colors), span = t.high - t.low;
  const signed = type === "diverging" && t.low < 0 && t.high > 0;
  const img = new ImageData(t.w, t.h);
  t.cells.forEach((v, i) => {
    if (i >= t.w * t.h) return;
    if (isNaN(v)) return img.data.set([128, 132, 140, 200], 4 * i);
    const k = Math.round(255 * (span > 0 && isFinite(span) ? Math.max(0, Math.min((v - t.low) / span, 1)) : 0));
    const alpha = over ? 255 * fig.opacity * data.visibility[signed ? Math.abs(2 * k - 255) : k] : 255;
    img.data.set([colors[3 * k], colors[3 * k + 1], colors[3 * k + 2], alpha], 4 * i);
  });
  canvas.width = t.w;
  canvas.height = t.h;
  canvas.getContext("2d").putImageData(img, 0, 0);
}

const redraws = [], sized = [], searched = [];
function tile(t) {
  const f = element("figure", "", "tile"), frame = element("div", "", "picture"), shown = t.picture || t;
  frame.style.aspectRatio = Math.max(shown.w, 1) + " / " + Math.max(shown.h, 1);
  if (t.picture) {
    const photo = element("canvas", "", "cells");
    drawPicture(photo, t.picture);
    frame.append(photo);
  }
  if (t.w > 0 && t.w < 1e5 && t.h > 0) {
    const raw = bytes(t.values), view = new DataView(raw.buffer);
    t.cells = Float32Array.from({ length: Math.floor(raw.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
    if (t.cells.length >= t.w * t.h) {
      const canvas = element("canvas", "", t.picture ? "map" : "cells");
      redraws.push(() => drawMap(canvas, t, !!t.picture));
      frame.append(canvas);
    }
  }
  if (t.box && t.picture) {
    const mark = element("i", "", "mark"), { w, h } = t.picture;
    const place = { left: t.box.x / w, top: t.box.y / h, width: t.box.w / w, height: t.box.h / h };
    for (const side in place) mark.style[side] = 100 * place[side] + "%";
    frame.append(mark);
  }
  const caption = element("figcaption");
  caption.append(element("b", t.name), element("span", t.note || "", "soft"));
  const reading = element("span", "", "value");
  caption.append(reading);
  frame.addEventListener("pointermove", (e) => {
    if (!t.cells) return;
    const box = frame.getBoundingClientRect();
    const x = Math.max(0, Math.min(t.w - 1, Math.floor((e.clientX - box.left) / box.width * t.w)));
    const y = Math.max(0, Math.min(t.h - 1, Math.floor((e.clientY - box.top) / box.height * t.h)));
    reading.textContent = numberText(t.cells[y * t.w + x]) + " at " + x + ", " + y;
  });
  frame.addEventListener("pointerleave", () => { reading.textContent = ""; });
  f.append(frame, caption);
  sized.push(() => { f.style.width = state.size + "px"; });
  searched.push([f, (t.name + " " + (t.note || "")).toLowerCase()]);
  return f;
}

const tools = element("div", "", "tools");
const search = element("input");
search.id = "search";
search.type = "search";
search.placeholder = "Filter tiles";
search.setAttribute("aria-label", "Filter tiles");
search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  for (const [f, text] of searched) f.hidden = !text.includes(wanted);
});
const size = element("input");
Object.assign(size, { type: "range", min: 32, max: 320, value: state.size });
size.addEventListener("input", () => { state.size = +size.value; sized.forEach((f) => f()); });
const colors = element("select");
for (const name of colormaps.keys()) colors.append(new Option(name, name, false, name === state.colors));
colors.addEventListener("change", () => { state.colors = colors.value; redraws.forEach((f) => f()); });
for (const [name, control] of [["", search], ["Size", size], ["Colours", colors]]) {
  const label = element("label", name);
  label.append(control);
  tools.append(label);
}
main.append(tools);
for (const strip of fig.strips || []) {
  const section = element("section", "", "strip"), row = element("div", "", "tiles");
  section.append(element("h2", strip.title), element("p", strip.note || "", "soft"), row);
  row.append(...(strip.tiles || []).map(tile));
  main.append(section);
}
redraws.forEach((f) => f());
sized.forEach((f) => f());
