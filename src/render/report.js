/* Sorts and filters the table of URLs. The state is in the address ("#urls:size:asc:text"), so that
 * a view can be kept and sent. All else works without this. */
(function () {
  "use strict";
  const table = document.getElementById("urls-table");
  if (!table) return;
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  const filter = document.getElementById("urls-filter");
  const count = document.getElementById("urls-count");
  const paper = document.getElementById("urls-paper");
  const paperText = paper.textContent;
  const note = paper.previousElementSibling;
  const isCut = note.classList.contains("screen");
  const rows = Array.from(body.rows, (row) => ({ row, keys: [], text: "" }));
  const grouped = new Intl.NumberFormat("en");
  let sorted = { name: "size", ascending: false };

  /* "1,234", "+5", "-5"; what is no number, an unknown, comes first. */
  function numberOf(text) {
    const value = Number(text.replace(/[,+]/g, ""));
    return text === "" || Number.isNaN(value) ? -Infinity : value;
  }

  function keyOf(item, column) {
    if (item.keys[column] === undefined) {
      const text = item.row.cells[column].textContent;
      item.keys[column] = heads[column].classList.contains("n") ? numberOf(text) : text;
    }
    return item.keys[column];
  }

  function compare(a, b) {
    if (a === b) return 0;
    return a < b ? -1 : 1;
  }

  function sortBy(name, ascending) {
    const column = heads.findIndex((head) => head.dataset.key === name);
    if (column < 0) return;
    const sign = ascending ? 1 : -1;
    rows.sort((a, b) => sign * compare(keyOf(a, column), keyOf(b, column)));
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const all = document.createDocumentFragment();
    rows.forEach((item) => all.append(item.row));
    body.append(all);
    sorted = { name, ascending };
    choosePrinted();
  }

  /* Paper has the first rows of those that are shown, in their order, and says which. */
  function choosePrinted() {
    const most = Number(paper.dataset.rows);
    const wanted = filter.value.trim();
    let shown = 0;
    for (const item of rows) {
      item.row.classList.toggle("over", !item.row.hidden && shown >= most);
      shown += item.row.hidden ? 0 : 1;
    }
    body.classList.add("live");
    note.classList.toggle("screen", isCut || wanted !== "");
    paper.textContent = wanted === "" ? paperText : "Printed are " +
      (shown > most ? "the first " + most + " of " : "") + grouped.format(shown) + " rows of " +
      grouped.format(rows.length) + ": those with \"" + wanted + "\".";
  }

  function show() {
    const wanted = filter.value.trim().toLowerCase();
    let shown = 0;
    for (const item of rows) {
      item.text = item.text || item.row.textContent.toLowerCase();
      item.row.hidden = !item.text.includes(wanted);
      shown += item.row.hidden ? 0 : 1;
    }
    count.textContent = wanted
      ? grouped.format(shown) + " of " + grouped.format(rows.length) + " shown" : "";
    choosePrinted();
  }

  function remember() {
    const state = [sorted.name, sorted.ascending ? "asc" : "desc",
      encodeURIComponent(filter.value)];
    history.replaceState(null, "", "#urls:" + state.join(":"));
  }

  function restore() {
    const match = /^#urls:([a-z]+):(asc|desc):(.*)$/.exec(location.hash);
    if (!match) return;
    sortBy(match[1], match[2] === "asc");
    try {
      filter.value = decodeURIComponent(match[3]);
    } catch (error) {
      filter.value = "";
    }
    show();
  }

  heads.forEach((head) => {
    const button = document.createElement("button");
    const isNumber = head.classList.contains("n");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const isSame = sorted.name === head.dataset.key && head.hasAttribute("aria-sort");
      sortBy(head.dataset.key, isSame ? !sorted.ascending : !isNumber);
      remember();
    });
    head.replaceChildren(button);
  });
  filter.addEventListener("input", () => {
    show();
    remember();
  });
  filter.closest(".tools").hidden = false;
  window.addEventListener("hashchange", restore);
  restore();
})();
