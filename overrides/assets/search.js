(function (d) {
  /* The search page alone loads this. The index comes when somebody first types; nothing typed is sent anywhere. */
  var box = d.getElementById("search"), base = "../", index, asked;
  if (!box || !window.fetch) return;
  box.hidden = false;
  var field = d.getElementById("find"), found = d.getElementById("found"), hits = d.getElementById("hits");

  /* Pages by number, with 3 for the word itself, 2 for a word that begins with it, 1 for one that holds it. */
  function pagesWith(word, n, all) {
    var on = {};
    index.words.forEach(function (line) {
      var known = line[0], at = known.indexOf(word), i;
      var score = known === word ? 3 : at === 0 && (word.length > 3 || n === all.length - 1) ? 2 : at > 0 && word.length > 3 ? 1 : 0;
      for (i = 0; score && i < line[1].length; i++) {
        var page = line[1].charCodeAt(i) - 65;
        on[page] = Math.max(on[page] || 0, score);
      }
    });
    return on;
  }

  function show() {
    var asked = field.value.toLowerCase().replace(/’/g, "'").match(/[a-z0-9'-]+/g) || [];
    var sets = asked.map(pagesWith).filter(function (set) { return Object.keys(set).length; });
    var best = [];
    index.pages.forEach(function (page, n) {
      if (!sets.length || !sets.every(function (set) { return set[n]; })) return;
      var title = page[1].toLowerCase();
      best.push([n, sets.reduce(function (sum, set) { return sum + set[n]; }, 0) +
        4 * asked.filter(function (word) { return title.indexOf(word) > -1; }).length]);
    });
    best.sort(function (a, b) { return b[1] - a[1] || a[0] - b[0]; });
    hits.textContent = "";
    best.forEach(function (one) {
      var link = d.createElement("a"), item = d.createElement("li");
      link.href = base + index.pages[one[0]][0];
      link.textContent = index.pages[one[0]][1];
      item.appendChild(link);
      hits.appendChild(item);
    });
    found.textContent = !asked.length ? "" : best.length ? best.length + (best.length > 1 ? " pages" : " page") + " found." :
      "Nothing found. Try another word, look at the list below, or ask us.";
  }

  field.addEventListener("input", function () {
    if (index) return show();
    if (asked) return;
    asked = true;
    fetch(base + "assets/search.json").then(function (answer) { return answer.json(); }).then(function (read) {
      index = read;
      index.words = read.words.split(",").map(function (line) { return line.split(" "); });
      show();
    });
  });
})(document);
