// Sorting and filtering. Without this the page is complete, only still.
"use strict";
(function () {
  const tables = Array.from(document.querySelectorAll("table"));

  // Sorting: a button in each head; numbers as numbers, what is empty last, equal rows as they stood.
  const collator = new Intl.Collator("en", { numeric: true });

  function key(row, index) {
    const cell = row.cells[index];
    return cell.dataset.sort ?? cell.textContent.toLowerCase();
  }

  function sort(table, index, direction) {
    const kind = table.tHead.rows[0].cells[index].className;
    const compare = kind ? (left, right) => left - right : collator.compare;
    const rows = Array.from(table.tBodies[0].rows, (row) => ({ row: row, key: key(row, index) }));
    rows.sort(function (one, other) {
      if (one.key === "" || other.key === "") {
        return (one.key === "") - (other.key === "");
      }
      return direction * compare(one.key, other.key);
    });
    table.tBodies[0].append(...rows.map((entry) => entry.row));
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

  // Filtering: every word has to be in the row. A row about several hosts is shown for those of them that fit, and names only these.
  const form = document.querySelector("form.filters");
  const words = document.getElementById("words");
  const group = document.getElementById("group");
  const urgent = document.getElementById("urgent");
  const output = document.getElementById("filtered");
  const groups = new Map(); // the numbers of a host's groups, by its name
  for (const row of document.querySelectorAll("#hosts tbody tr")) {
    groups.set(row.cells[0].textContent, row.dataset.groups.split(" "));
  }

  function place(element, host, text) {
    return { element: element, groups: groups.get(host) || [], text: text.toLowerCase() };
  }

  function entry(row) {
    const cells = Array.from(row.cells);
    const where = row.querySelector(".where");
    const text = cells.filter((cell) => !where || !cell.contains(where)).map((cell) => cell.textContent);
    const items = where ? Array.from(where.children) : [];
    return {
      row: row,
      text: text.join(" ").toLowerCase(),
      urgent: row.classList.contains("bad") || row.classList.contains("watch"),
      details: row.querySelector("details"),
      places: where ? items.map((item) => place(item, item.firstChild.textContent, item.textContent)) : [place(null, cells[0].textContent, "")],
    };
  }

  const entries = Array.from(document.querySelectorAll("tbody tr"), entry);

  function show(entry, wanted, number) {
    let left = 0;
    for (const place of entry.places) {
      const fits =
        (!number || place.groups.includes(number)) && wanted.every((word) => entry.text.includes(word) || place.text.includes(word));
      left += fits ? 1 : 0;
      if (place.element) {
        place.element.hidden = !fits;
      }
    }
    entry.row.hidden = left === 0;
    if (entry.details) {
      const all = entry.places.length;
      entry.details.firstChild.textContent = left === all ? all + " hosts" : left + " of " + all + " hosts";
      entry.details.open = left < all && left <= 8;
    }
  }

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const number = group && group.selectedIndex ? String(group.selectedIndex) : "";
    const any = wanted.length > 0 || number !== "" || urgent.checked;
    let shown = 0;
    for (const entry of entries) {
      show(entry, wanted, number);
      entry.row.hidden = entry.row.hidden || (urgent.checked && !entry.urgent);
      shown += entry.row.hidden ? 0 : 1;
    }
    for (const table of tables) {
      const rows = table.tBodies[0].rows;
      const left = Array.from(rows).filter((row) => !row.hidden).length;
      const section = table.closest("section");
      section.querySelector(".count").textContent = left === rows.length ? String(left) : left + " of " + rows.length;
      section.classList.toggle("none", left === 0);
    }
    output.textContent = any ? shown + " of " + entries.length + " rows shown" : "";
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
  });
  form.addEventListener("reset", function () {
    window.setTimeout(filter);
  });
  if (words.value || urgent.checked || (group && group.selectedIndex)) {
    filter(); // a browser that goes back in its history keeps what was typed
  }
})();
