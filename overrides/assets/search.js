/* Only the search page loads this, after minisearch.js. The index is fetched when a person first types; nothing typed is
   sent anywhere. Without script, people use the list of all pages below. */
(function (d) {
  var box = d.getElementById("search"), base = "/", common = {}, index, isRequested;
  if (!box || !window.fetch || !window.MiniSearch) return;
  box.hidden = false;
  var field = d.getElementById("find"), status = d.getElementById("found"), resultList = d.getElementById("hits");

  /* Return the word's stem, or null for a common word: "Victims'" → "victim", "stopping" → "stop", "costs" → "cost". */
  function stem(word) {
    word = word.toLowerCase().replace(/[’']s?$/, "");
    if (common[word] || word.length < 2) return null;
    word = word.replace(/ies$/, "y").replace(/([^s])s$/, "$1");
    return word.length > 5 ? word.replace(/(ing|ed)$/, "").replace(/(.)\1$/, "$1") : word;
  }

  function buildIndex(data) {
    data.common.split(" ").forEach(function (word) { common[word] = true; });
    index = new window.MiniSearch({
      idField: "url",
      fields: ["title", "other", "headings", "text"],
      storeFields: ["title", "about"],
      processTerm: stem,
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

  function resultItem(page) {
    var entry = d.createElement("li"), link = d.createElement("a"), about = d.createElement("small");
    link.href = base + page.id;
    link.textContent = page.title;
    about.textContent = page.about;
    entry.appendChild(link);
    entry.appendChild(about);
    return entry;
  }

  function show() {
    var query = field.value.trim(), results = query ? index.search(query).slice(0, 8) : [];
    resultList.textContent = "";
    results.forEach(function (page) { resultList.appendChild(resultItem(page)); });
    status.textContent = !query ? "" : results.length ? results.length + (results.length > 1 ? " pages" : " page") + " found." :
      "Nothing found. Try another word, look at the list below, or ask us.";
  }

  field.addEventListener("input", function () {
    if (index) return show();
    if (isRequested) return;
    isRequested = true;
    fetch(base + "assets/search.json").then(function (response) { return response.json(); }).then(function (data) {
      buildIndex(data);
      show();
    });
  });
})(document);
