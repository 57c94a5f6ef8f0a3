/* The search page alone loads this. The index is fetched when somebody first types, and nothing is sent anywhere. */
(function (d) {
  var box = d.getElementById("search"), base = "../", index, asked;
  if (!box || !window.fetch) return;
  box.innerHTML = '<label for="find">Find a word in these pages</label>' +
    '<input id="find" type="search" autocomplete="off"><p role="status" id="found"></p><ul id="hits"></ul>';
  box.hidden = false;
  var field = d.getElementById("find"), found = d.getElementById("found"), hits = d.getElementById("hits");

  function pagesWith(word) {
    var on = {}, known, score, i;
    for (known in index.words) {
      score = known === word ? 3 : known.indexOf(word) === 0 ? 2 : word.length > 3 && known.indexOf(word) > 0 ? 1 : 0;
      if (score) for (i = 0; i < index.words[known].length; i++) {
        on[index.words[known][i]] = Math.max(on[index.words[known][i]] || 0, score);
      }
    }
    return on;
  }

  function show() {
    var words = field.value.toLowerCase().replace(/’/g, "'").match(/[a-z0-9'-]+/g) || [];
    words = words.filter(function (word) { return index.common.indexOf(word) < 0; });
    var best = [];
    if (words.length) index.pages.forEach(function (page, n) {
      var title = page[1].toLowerCase(), score = 0, all = words.every(function (word) {
        var here = pagesWith(word)[n] || 0;
        if (title.indexOf(word) > -1) here += 4;
        score += here;
        return here;
      });
      if (all) best.push([score, n]);
    });
    best.sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; });
    hits.textContent = "";
    best.forEach(function (one) {
      var link = d.createElement("a"), item = d.createElement("li");
      link.href = base + index.pages[one[1]][0];
      link.textContent = index.pages[one[1]][1];
      item.appendChild(link);
      hits.appendChild(item);
    });
    found.textContent = !words.length ? "" : best.length ? best.length + (best.length > 1 ? " pages" : " page") + " found." :
      "Nothing found. Try another word, look at the list below, or ask us.";
  }

  field.addEventListener("input", function () {
    if (index) return show();
    if (asked) return;
    asked = true;
    fetch(base + "assets/search.json").then(function (answer) { return answer.json(); }).then(function (read) {
      index = read;
      show();
    });
  });
})(document);
