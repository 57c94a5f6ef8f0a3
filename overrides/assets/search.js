/* Only the search page loads this, after minisearch.js. The index is fetched when a person first types; nothing typed is
   sent anywhere. Without script, people use the list of all pages below. */
(function (d) {
  var box = d.getElementById("search"), base = "/", common = {}, index, asked;
  if (!box || !window.fetch || !window.MiniSearch) return;
  box.hidden = false;
  var field = d.getElementById("find"), found = d.getElementById("found"), hits = d.getElementById("hits");

  /* "Victims'", "stopping" and "costs" are looked up as "victim", "stop" and "cost". */
  function root(word) {
    word = word.toLowerCase().replace(/[’']s?$/, "");
    if (common[word] || word.length < 2) return null;
    word = word.replace(/ies$/, "y").replace(/([^s])s$/, "$1");
    return word.length > 5 ? word.replace(/(ing|ed)$/, "").replace(/(.)\1$/, "$1") : word;
  }

  function read(data) {
    data.common.split(" ").forEach(function (word) { common[word] = true; });
    index = new window.MiniSearch({
      idField: "url",
      fields: ["title", "other", "headings", "text"],
      storeFields: ["title", "about"],
      processTerm: root,
      searchOptions: {
        boost: { title: 6, other: 8, headings: 3 },
        prefix: function (word) { return word.length > 2; },
        fuzzy: function (word) { return word.length > 4 ? 0.2 : false; },
        weights: { fuzzy: 0.2, prefix: 0.4 },
        bm25: { k: 1.2, b: 0.2, d: 0.5 }  /* a page with many other words is as good an answer */
      }
    });
    index.addAll(data.pages);
  }

  function item(page) {
    var entry = d.createElement("li"), link = d.createElement("a"), about = d.createElement("small");
    link.href = base + page.id;
    link.textContent = page.title;
    about.textContent = page.about;
    entry.appendChild(link);
    entry.appendChild(about);
    return entry;
  }

  function show() {
    var typed = field.value.trim(), best = typed ? index.search(typed).slice(0, 8) : [];
    hits.textContent = "";
    best.forEach(function (page) { hits.appendChild(item(page)); });
    found.textContent = !typed ? "" : best.length ? best.length + (best.length > 1 ? " pages" : " page") + " found." :
      "Nothing found. Try another word, look at the list below, or ask us.";
  }

  field.addEventListener("input", function () {
    if (index) return show();
    if (asked) return;
    asked = true;
    fetch(base + "assets/search.json").then(function (answer) { return answer.json(); }).then(function (data) {
      read(data);
      show();
    });
  });
})(document);
