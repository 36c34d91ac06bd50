"use strict";
// Sorting keeps the tree: rows are sorted among those of the same parent.
const body = document.querySelector("tbody");
const heads = [...document.querySelectorAll("th")];

function tree() {
  const root = { children: [] }, open = [{ depth: -1, node: root }];
  for (const row of body.rows) {
    const depth = +row.dataset.depth, node = { row, children: [] };
    while (open.length > 1 && open[open.length - 1].depth >= depth) open.pop();
    open[open.length - 1].node.children.push(node);
    open.push({ depth, node });
  }
  return root;
}
const root = tree();
const original = new Map([...body.rows].map((row, i) => [row, i]));

function sortBy(column, direction) {
  const number = heads[column].classList.contains("number");
  const key = (row) => {
    const cell = row.cells[column];
    return number ? parseFloat(cell.dataset.value) : cell.textContent.toLowerCase();
  };
  const compare = (a, b) => {
    if (!direction) return original.get(a.row) - original.get(b.row);
    const x = key(a.row), y = key(b.row);
    if (number && isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
    return direction * (number ? x - y : x.localeCompare(y, undefined, { numeric: true }));
  };
  const rows = document.createDocumentFragment();
  (function put(node) {
    for (const child of [...node.children].sort(compare)) {
      rows.append(child.row);
      put(child);
    }
  })(root);
  body.append(rows);
}

heads.forEach((head, column) => head.firstChild.addEventListener("click", () => {
  const first = head.classList.contains("number") ? "descending" : "ascending";
  const second = first === "ascending" ? "descending" : "ascending";
  const now = head.getAttribute("aria-sort");
  const next = now === first ? second : now === second ? "" : first;
  heads.forEach((h) => h.removeAttribute("aria-sort"));
  if (next) head.setAttribute("aria-sort", next);
  sortBy(column, next === "ascending" ? 1 : next === "descending" ? -1 : 0);
}));

const search = document.getElementById("search"), found = document.getElementById("found");
search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  let shown = 0;
  // A row stays if it or a row below it in the tree has the words.
  (function visit(node) {
    let keep = !wanted || !!node.row && node.row.textContent.toLowerCase().includes(wanted);
    if (keep && node.row) shown++;
    for (const child of node.children) keep = visit(child) || keep;
    if (node.row) node.row.hidden = !keep;
    return keep;
  })(root);
  found.textContent = wanted ? shown + " of " + original.size : "";
});
