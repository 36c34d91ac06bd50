"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const fig = data.figure, main = document.querySelector("main");
const bytes = (text) => Uint8Array.from(atob(text || ""), (c) => c.charCodeAt(0));
const colormaps = new Map(data.colormaps.map((c) => [c.name,
  Uint8Array.from({ length: 768 }, (_, i) => parseInt(c.colors.substr(2 * i, 2), 16))]));
const rows = fig.rows || [], columns = fig.columns || [];
const raw = bytes(fig.values), view = new DataView(raw.buffer);
const values = Float32Array.from({ length: Math.floor(raw.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
const at = (r, c) => values[r * columns.length + c];
const upTo = (n) => Array.from({ length: n }, (_, i) => i);
const order = { rows: upTo(rows.length), columns: upTo(columns.length) };
let chosen = data.colormap;

function element(name, text, className) {
  const e = document.createElement(name);
  if (text) e.textContent = text;
  if (className) e.className = className;
  return e;
}
function numberText(v) {
  return v === null || v === undefined || !isFinite(v) ? "–" : String(parseFloat(v.toPrecision(4)));
}
function thumb(p) {
  const canvas = element("canvas", "", "thumb"), rgb = bytes(p.pix);
  if (!(p.w > 0 && p.h > 0) || rgb.length < 3 * p.w * p.h) return canvas;
  canvas.width = p.w;
  canvas.height = p.h;
  const img = new ImageData(p.w, p.h);
  for (let i = 0; i < p.w * p.h; i++) img.data.set([rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2], 255], 4 * i);
  canvas.getContext("2d").putImageData(img, 0, 0);
  return canvas;
}
// Numbers fall; what is no number comes last.
const falling = (key) => (a, b) => {
  const x = key(a), y = key(b);
  return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : y - x;
};

const cell = { w: Math.max(3, Math.min(34, Math.floor(1000 / Math.max(columns.length, 1)))), h: rows.length > 200 ? 6 : 26 };
const grid = element("div", "", "cellgrid"), canvas = element("canvas", "", "cells"), reading = element("p", "", "value");
const heads = element("div", "", "rowheads");
canvas.style.width = cell.w * columns.length + "px";
canvas.style.height = cell.h * rows.length + "px";
// What the ends of the colours stand for, for each column.
const ranges = columns.map((_, c) => {
  if (!fig.perColumn) return [fig.low, fig.high];
  const own = rows.map((_, r) => at(r, c)).filter(isFinite);
  return own.length ? own.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [own[0], own[0]]) : [0, 0];
});
function draw() {
  if (values.length < rows.length * columns.length || !rows.length || !columns.length) return;
  const map = colormaps.get(chosen), img = new ImageData(columns.length, rows.length);
  order.rows.forEach((r, y) => order.columns.forEach((c, x) => {
    const [low, high] = ranges[c];
    const v = at(r, c), k = Math.round(255 * (high > low ? Math.max(0, Math.min((v - low) / (high - low), 1)) : 0));
    img.data.set(isNaN(v) ? [128, 132, 140, 90] : [map[3 * k], map[3 * k + 1], map[3 * k + 2], 255], 4 * (y * columns.length + x));
  }));
  canvas.width = columns.length;
  canvas.height = rows.length;
  canvas.getContext("2d").putImageData(img, 0, 0);
  heads.replaceChildren(...order.rows.map((r) => {
    const line = element("button", "", "rowhead");
    line.style.height = cell.h + "px";
    line.title = "Sort the columns by " + rows[r].name;
    if (rows[r].picture && cell.h > 20) line.append(thumb(rows[r].picture));
    if (cell.h > 10) line.append(element("span", rows[r].name));
    line.addEventListener("click", () => { order.columns.sort(falling((c) => at(r, c))); draw(); });
    return line;
  }));
}
function under(e) {
  const box = canvas.getBoundingClientRect();
  const x = Math.max(0, Math.min(columns.length - 1, Math.floor((e.clientX - box.left) / box.width * columns.length)));
  const y = Math.max(0, Math.min(rows.length - 1, Math.floor((e.clientY - box.top) / box.height * rows.length)));
  return [order.rows[y], order.columns[x]];
}
canvas.addEventListener("pointermove", (e) => {
  const [r, c] = under(e);
  if (rows[r] && columns[c]) reading.textContent = rows[r].name + ", " + fig.columnsAre + " " + columns[c].name + ": " + numberText(at(r, c));
});
canvas.addEventListener("pointerleave", () => { reading.textContent = " "; });
canvas.addEventListener("click", (e) => {
  const [, c] = under(e);
  order.rows.sort(falling((r) => at(r, c)));
  draw();
});

const tools = element("div", "", "tools"), colors = element("select"), back = element("button", "Own order");
for (const name of colormaps.keys()) colors.append(new Option(name, name, false, name === chosen));
colors.addEventListener("change", () => { chosen = colors.value; draw(); });
back.addEventListener("click", () => { order.rows.sort((a, b) => a - b); order.columns.sort((a, b) => a - b); draw(); });
const label = element("label", "Colours");
label.append(colors);
tools.append(label, back, element("span", "Click a cell to sort the rows by its column, a name to sort the columns by its row.", "soft"));
grid.append(heads, canvas);
main.append(tools, element("p", fig.rowsAre + " ↓   " + fig.columnsAre + " →   " + fig.valuesAre + ": " + (fig.perColumn ? "least to greatest of each column" : numberText(fig.low) + " to " + numberText(fig.high)), "soft"), grid, reading);
reading.textContent = " ";
draw();
