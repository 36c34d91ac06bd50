"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const fig = data.figure, main = document.querySelector("main");
const bytes = (text) => Uint8Array.from(atob(text || ""), (c) => c.charCodeAt(0));
const colormaps = new Map(data.colormaps.map((c) => [c.name, {
  type: c.type, colors: Uint8Array.from({ length: 768 }, (_, i) => parseInt(c.colors.substr(2 * i, 2), 16)),
}]));
const state = { colors: data.colormap, opacity: Math.max(0, Math.min(1, fig.opacity)), smooth: true };
const redraws = [];

function element(name, text, className) {
  const e = document.createElement(name);
  if (text) e.textContent = text;
  if (className) e.className = className;
  return e;
}
function canvasOf(w, h, className) {
  const c = element("canvas", "", className);
  c.width = w;
  c.height = h;
  return c;
}
function numberText(v) {
  return v === null || !isFinite(v) ? "–" : String(parseFloat(v.toPrecision(3)));
}
function className(label, c) { return label || "class " + c; }

// Cubic convolution (Keys 1981, a = -1/2), cells taken as areas.
function cubic(x) {
  x = Math.abs(x);
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
function taps(n, size) {
  const ratio = n / size, reach = Math.max(ratio, 1), out = [];
  for (let i = 0; i < size; i++) {
    const at = (i + 0.5) * ratio - 0.5;
    const from = Math.max(0, Math.ceil(at - 2 * reach)), to = Math.min(n - 1, Math.floor(at + 2 * reach));
    const weights = [];
    let sum = 0;
    for (let j = from; j <= to; j++) { weights.push(cubic((j - at) / reach)); sum += weights[weights.length - 1]; }
    out.push({ from, weights: weights.map((w) => w / sum) });
  }
  return out;
}
function resample(cells, w, h, across, down) {
  const wide = new Float32Array(across.length * h), out = new Float32Array(across.length * down.length);
  for (let y = 0; y < h; y++) across.forEach((t, x) => {
    let sum = 0;
    t.weights.forEach((weight, k) => { sum += weight * cells[y * w + t.from + k]; });
    wide[y * across.length + x] = sum;
  });
  down.forEach((t, y) => t.weights.forEach((weight, k) => {
    const row = (t.from + k) * across.length, to = y * across.length;
    for (let x = 0; x < across.length; x++) out[to + x] += weight * wide[row + x];
  }));
  return out;
}

// The strengths of a map at w×h points, NaN where it holds no number.
function strengths(m, w, h) {
  const values = new Float32Array(m.w * m.h), holds = new Float32Array(m.w * m.h), span = m.high - m.low;
  m.cells.slice(0, m.w * m.h).forEach((v, i) => {
    holds[i] = isNaN(v) ? 0 : 1;
    values[i] = isNaN(v) || !(span > 0) ? 0 : Math.max(0, Math.min((v - m.low) / span, 1));
  });
  const cellAt = (i) => Math.floor(Math.floor(i / w) * m.h / h) * m.w + Math.floor((i % w) * m.w / w);
  if (!state.smooth) return Float32Array.from({ length: w * h }, (_, i) => holds[cellAt(i)] ? values[cellAt(i)] : NaN);
  const across = taps(m.w, w), down = taps(m.h, h);
  const out = resample(values, m.w, m.h, across, down);
  if (holds.every((v) => v)) return out;
  const share = resample(holds, m.w, m.h, across, down);
  return out.map((v, i) => holds[cellAt(i)] ? v / share[i] : NaN);
}
// Diverging colours over a map with both signs are strong at both ends.
function seenAt(m, k) {
  const signed = colormaps.get(state.colors).type === "diverging" && m.low < 0 && m.high > 0;
  return data.visibility[signed ? Math.abs(2 * k - 255) : k];
}
function drawMap(canvas, m) {
  const map = colormaps.get(state.colors), { width: w, height: h } = canvas;
  const image = new ImageData(w, h), out = image.data;
  strengths(m, w, h).forEach((t, i) => {
    const o = 4 * i;
    if (isNaN(t)) {
      const line = (i % w + Math.floor(i / w)) % 8 < 2;
      out.set(line ? [60, 64, 72, 200] : [128, 132, 140, 90], o);
      return;
    }
    const k = Math.round(255 * Math.max(0, Math.min(t, 1)));
    out[o] = map.colors[3 * k];
    out[o + 1] = map.colors[3 * k + 1];
    out[o + 2] = map.colors[3 * k + 2];
    out[o + 3] = 255 * state.opacity * seenAt(m, k);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}
function drawScale(canvas, m) {
  const { colors } = colormaps.get(state.colors), image = new ImageData(256, 1);
  for (let i = 0; i < 256; i++) {
    image.data.set([colors[3 * i], colors[3 * i + 1], colors[3 * i + 2], 255 * seenAt(m, i)], 4 * i);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// A picture that is small is enlarged in whole pixels.
function photo(p) {
  const pix = bytes(p.pix), good = p.w > 0 && p.h > 0 && pix.length >= 3 * p.w * p.h;
  if (!good) return canvasOf(data.smallest, data.smallest);
  const longer = Math.max(p.w, p.h), k = longer >= data.smallest / 2 ? 1 : Math.ceil(data.smallest / longer);
  const canvas = canvasOf(p.w * k, p.h * k), image = new ImageData(p.w * k, p.h * k);
  for (let y = 0; y < p.h * k; y++) for (let x = 0; x < p.w * k; x++) {
    const from = 3 * (Math.floor(y / k) * p.w + Math.floor(x / k)), to = 4 * (y * p.w * k + x);
    image.data.set([pix[from], pix[from + 1], pix[from + 2], 255], to);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
function copyOf(canvas) {
  const c = canvasOf(canvas.width, canvas.height);
  c.getContext("2d").drawImage(canvas, 0, 0);
  return c;
}

function inputFigure(panel, picture) {
  const f = element("figure"), box = element("div", "", "picture"), caption = element("figcaption");
  box.append(copyOf(picture));
  caption.append(element("b", panel.name), element("br"), "the part that the network saw");
  f.append(box, caption);
  return f;
}
function mapFigure(m, picture) {
  const f = element("figure"), box = element("div", "", "picture"), caption = element("figcaption");
  const shrink = Math.min(1, 640 / Math.max(picture.width, picture.height));
  const over = canvasOf(Math.max(1, Math.round(picture.width * shrink)), Math.max(1, Math.round(picture.height * shrink)), "map");
  const scale = element("div", "", "scale"), strip = canvasOf(256, 1), value = element("span", "", "value");
  const raw = bytes(m.values);
  m.cells = [...new Float32Array(raw.buffer, 0, Math.floor(raw.length / 4))];
  const usable = m.w > 0 && m.h > 0 && m.cells.length >= m.w * m.h;
  box.append(copyOf(picture), over);
  scale.append(element("span", numberText(m.low)), strip, element("span", numberText(m.high)));
  caption.append(element("b", m.method), " " + m.layer, element("br"), "for " + className(m.label, m.class), scale);
  if (m.warning) caption.append(element("span", "▲ " + m.warning, "notice"));
  caption.append(value);
  f.append(box, caption);
  if (usable) redraws.push(() => { drawMap(over, m); drawScale(strip, m); });
  over.addEventListener("pointermove", (e) => {
    if (!usable) return;
    const r = over.getBoundingClientRect();
    const x = Math.max(0, Math.min(m.w - 1, Math.floor((e.clientX - r.left) / r.width * m.w)));
    const y = Math.max(0, Math.min(m.h - 1, Math.floor((e.clientY - r.top) / r.height * m.h)));
    const v = m.cells[y * m.w + x];
    value.textContent = (isNaN(v) ? "no number" : String(parseFloat(v.toPrecision(5)))) + " at column " + x + ", row " + y + " of " + m.w + " × " + m.h;
  });
  over.addEventListener("pointerleave", () => { value.textContent = ""; });
  over.addEventListener("pointerdown", () => f.classList.add("off"));
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) over.addEventListener(end, () => {
    f.classList.toggle("off", !show.checked);
  });
  return f;
}
function percentText(score) {
  if (score === null || isNaN(score)) return "no number";
  const p = 100 * score;
  return p > 0 && p < 0.05 ? "< 0.1 %" : p < 100 && p >= 99.95 ? "> 99.9 %" : p.toFixed(1) + " %";
}
function predictions(panel) {
  const box = element("section", "", "predictions"), list = element("ol");
  const explained = new Set((panel.maps || []).map((m) => m.class));
  box.append(element("h2", "Predictions"), list);
  const shown = panel.predictions.filter((p, i) => i < 10 || explained.has(p.class));
  for (const p of shown.slice(0, 20)) {
    const item = element("li", "", explained.has(p.class) ? "explained" : "");
    const line = element("div", "", "line"), track = element("div", "", "track"), fill = element("i");
    line.append(element("span", className(p.label, p.class)), element("span", percentText(p.score)));
    line.title = "class " + p.class + (p.logit === null ? "" : ", logit " + numberText(p.logit));
    fill.style.width = 100 * Math.max(0, Math.min(p.score || 0, 1)) + "%";
    track.append(fill);
    item.append(line, track);
    list.append(item);
  }
  return box;
}

// The controls act on all maps at once.
const tools = element("div", "", "tools");
function control(text, input) {
  const label = element("label");
  label.append(text, input);
  tools.append(label);
  return input;
}
const range = control("Opacity", element("input"));
Object.assign(range, { type: "range", min: 0, max: 1, step: 0.05, value: state.opacity });
const select = control("Colours", element("select"));
for (const c of data.colormaps) {
  const option = element("option", c.name + (c.type === "safe" ? "" : " (" + c.type + ")"));
  option.value = c.name;
  select.append(option);
}
select.value = state.colors;
const smooth = control("", element("input"));
Object.assign(smooth, { type: "checkbox", checked: true });
smooth.parentNode.append("Smooth");
const show = control("", element("input"));
Object.assign(show, { type: "checkbox", checked: true });
show.parentNode.append("Maps");
show.parentNode.title = "Or hold a map down to see the picture under it";

let due = 0;
function redraw() { // at most once a frame
  cancelAnimationFrame(due);
  due = requestAnimationFrame(() => redraws.forEach((draw) => draw()));
}
range.addEventListener("input", () => { state.opacity = +range.value; redraw(); });
select.addEventListener("change", () => { state.colors = select.value; redraw(); });
smooth.addEventListener("change", () => { state.smooth = smooth.checked; redraw(); });
show.addEventListener("change", () => {
  for (const f of document.querySelectorAll("figure")) f.classList.toggle("off", !show.checked);
});

const most = Math.max(0, ...(fig.panels || []).map((p) => (p.maps || []).length));
main.style.setProperty("--tile", most > 4 ? "220px" : most > 2 ? "260px" : "320px");
main.append(tools);
for (const panel of fig.panels || []) {
  const row = element("section", "", "panel"), picture = photo(panel.image);
  const maps = (panel.maps || []).map((m) => mapFigure(m, picture));
  row.append(inputFigure(panel, picture), ...maps);
  if (panel.predictions && panel.predictions.length) row.insertBefore(predictions(panel), maps.length > 3 ? maps[0] : null);
  main.append(row);
}
redraws.forEach((draw) => draw());
