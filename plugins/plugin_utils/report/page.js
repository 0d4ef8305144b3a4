// Sorting and filtering. Without this the page is complete, only still.
"use strict";
(function () {
  const tables = Array.from(document.querySelectorAll("table"));

  // Sorting: a button in each head; numbers as numbers, what is empty last, equal rows as they stood.
  function key(row, index) {
    return row.cells[index].dataset.sort;
  }

  function compare(left, right, numeric) {
    if (numeric) {
      return Number(left) - Number(right);
    }
    return left.localeCompare(right, "en", { numeric: true });
  }

  function sort(table, index, direction) {
    const body = table.tBodies[0];
    const numeric = table.tHead.rows[0].cells[index].classList.contains("number");
    const rows = Array.from(body.rows);
    rows.sort(function (one, other) {
      const left = key(one, index);
      const right = key(other, index);
      if (left === "" || right === "") {
        return (left === "") - (right === "");
      }
      return direction * compare(left, right, numeric);
    });
    body.append(...rows);
  }

  function order(table, head, index) {
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) {
      other.removeAttribute("aria-sort");
    }
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    sort(table, index, descending ? -1 : 1);
  }

  for (const table of tables) {
    Array.from(table.tHead.rows[0].cells).forEach(function (head, index) {
      const button = document.createElement("button");
      button.type = "button";
      const paper = document.createElement("span"); // browsers do not repeat buttons on every page
      paper.className = "paper";
      paper.textContent = head.textContent;
      paper.setAttribute("aria-hidden", "true");
      button.append(...head.childNodes);
      head.append(button, paper);
      button.addEventListener("click", function () {
        order(table, head, index);
      });
    });
  }

  // Filtering: every word has to be in the row. A row about several hosts has no group, and stays.
  const form = document.querySelector("form.filters");
  const words = document.getElementById("words");
  const group = document.getElementById("group");
  const urgent = document.getElementById("urgent");
  const rows = Array.from(document.querySelectorAll("tbody tr"), function (row) {
    const texts = Array.from(row.cells, function (cell) {
      return cell.textContent;
    });
    return {
      row: row,
      text: texts.join(" ").toLowerCase(),
      groups: "fleet" in row.dataset ? null : row.dataset.groups.split("\n"),
      urgent: row.classList.contains("bad") || row.classList.contains("watch"),
    };
  });

  function fits(entry, wanted, name, only) {
    if (only && !entry.urgent) {
      return false;
    }
    if (name && entry.groups && !entry.groups.includes(name)) {
      return false;
    }
    return wanted.every(function (word) {
      return entry.text.includes(word);
    });
  }

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const name = group ? group.value : "";
    let shown = 0;
    for (const entry of rows) {
      entry.row.hidden = !fits(entry, wanted, name, urgent.checked);
      shown += entry.row.hidden ? 0 : 1;
    }
    for (const table of tables) {
      const all = table.tBodies[0].rows.length;
      const left = table.tBodies[0].querySelectorAll("tr:not([hidden])").length;
      const count = table.closest("section").querySelector(".count");
      count.textContent = left === all ? String(all) : left + " of " + all;
      table.closest("section").classList.toggle("none", left === 0);
    }
    const any = wanted.length > 0 || name !== "" || urgent.checked;
    document.getElementById("filtered").textContent = any ? shown + " of " + rows.length + " rows shown" : "";
  }

  if (form) {
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
    });
    form.addEventListener("reset", function () {
      window.setTimeout(filter);
    });
    filter(); // a browser that goes back in its history keeps what was typed
  }
})();
