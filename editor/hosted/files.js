// How the files are read and written: to the letter. What an editor did not change stays as it was, comments,
// order and line breaks included, so that saving changes nothing but the words.
(function () {
  "use strict";

  var HEAD = /^---\n[\s\S]*?\n---\n/;
  var DESCRIPTION = /^description:.*(?:\n[ ]+\S.*)*/m;

  function unfold(block) {
    var value = block.replace(/^description:\s*/, "").replace(/^[>|][-+]?\s*/, "").replace(/\s*\n\s*/g, " ").trim();
    return /^".*"$/.test(value) ? JSON.parse(value) : value.replace(/^'(.*)'$/, "$1");
  }

  function fromPage(text) {
    var head = (HEAD.exec(text) || [""])[0];
    var body = text.slice(head.length);
    var described = DESCRIPTION.exec(head);
    var title = /^#\s+(.+?)\s*$/m.exec(body) || /^title:\s*(.+)$/m.exec(head);
    return { title: title ? title[1].replace(/^"|"$/g, "") : "", head: head, body: body,
             description: described ? unfold(described[0]) : "" };
  }

  function toPage(page) {
    var head = page.head || "";
    var described = DESCRIPTION.exec(head);
    var wanted = String(page.description || "").replace(/\s+/g, " ").trim();
    if (wanted !== (described ? unfold(described[0]) : "")) {
      var block = wanted && "description: >-\n  " + wanted;
      if (described) head = head.replace(DESCRIPTION, function () { return block; });
      else head = "---\n" + block + "\n" + (head ? head.slice(4) : "---\n");
    }
    return head + page.body;
  }

  // A value of mkdocs.yml by its dotted name: where it stands, and what it is.
  function find(text, path) {
    var lines = text.split("\n"), names = path.split("."), depth = -1, from = 0, at = 0;
    for (var n = 0; n < names.length; n++) {
      var found = -1;
      for (var i = from; i < lines.length; i++) {
        var match = /^(\s*)([\w-]+):(?:\s|$)/.exec(lines[i]);
        if (!match) continue;
        if (match[1].length <= depth) break;
        if (match[2] === names[n] && (i === from || n === 0 ? true : match[1].length === indentAfter(lines, from, depth))) {
          found = i; break;
        }
      }
      if (found < 0) return null;
      depth = /^\s*/.exec(lines[found])[0].length; at = found; from = found + 1;
    }
    var rest = lines[at].slice(lines[at].indexOf(":") + 1), last = at;
    var block = /^\s*[>|][-+]?\s*$/.test(rest);
    if (block) while (last + 1 < lines.length && /^\s*$|^\s+/.test(lines[last + 1]) &&
      (/^\s*$/.test(lines[last + 1]) || /^\s*/.exec(lines[last + 1])[0].length > depth)) last++;
    while (block && /^\s*$/.test(lines[last])) last--;
    var parts = /^(\s*)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^#]*?(?:\s*[^\s#]#[^#]*?)*)(\s+#.*|\s*)$/.exec(rest) || [rest, " ", rest.trim(), ""];
    return { first: at, last: last, block: block, indent: depth, raw: parts[2], note: parts[3], lines: lines };
  }

  function indentAfter(lines, from, depth) {
    for (var i = from; i < lines.length; i++) {
      var match = /^(\s*)[\w-]+:(?:\s|$)/.exec(lines[i]);
      if (match && match[1].length > depth) return match[1].length;
    }
    return -1;
  }

  function read(text, path) {
    var place = find(text, path);
    if (!place) return undefined;
    if (place.block) return place.lines.slice(place.first + 1, place.last + 1).map(function (l) { return l.trim(); }).join(" ");
    if (/^"/.test(place.raw)) return JSON.parse(place.raw);
    if (/^'/.test(place.raw)) return place.raw.slice(1, -1).replace(/''/g, "'");
    return /^-?\d+$/.test(place.raw) ? Number(place.raw) : place.raw;
  }

  function scalar(value) {
    if (typeof value === "number") return String(value);
    var plain = /^[A-Za-z][\w ,.'’()\/@+-]*$/.test(value) && value === value.trim();
    return plain && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value) ? value : JSON.stringify(value);
  }

  function write(text, path, value) {
    var place = find(text, path);
    if (!place) throw new Error("mkdocs.yml holds no value called " + path);
    var lines = place.lines, head = lines[place.first].slice(0, lines[place.first].indexOf(":") + 1), put;
    if (place.block) {
      var margin = new Array(place.indent + 3).join(" "), row = margin, rows = [];
      String(value).split(/\s+/).filter(Boolean).forEach(function (word) {
        if (row.trim() && row.length + word.length > 110) { rows.push(row.trimEnd()); row = margin; }
        row += word + " ";
      });
      put = [head + " >-"].concat(rows, row.trimEnd());
    } else put = [head + " " + scalar(value) + place.note.trimEnd()];
    return lines.slice(0, place.first).concat(put, lines.slice(place.last + 1)).join("\n");
  }

  var DETAILS = ["phone", "text_number", "email", "secure_email", "opening_hours", "response_promise", "confidentiality",
    "statistics.happy.value", "statistics.happy.of", "statistics.happy.source", "statistics.happy.year",
    "statistics.happy.limits", "statistics.satisfied.limits", "statistics.reoffending.limits", "review.date"];

  function fromService(text) {
    var values = { text: text };
    DETAILS.forEach(function (name) { values[name.replace(/\./g, "__")] = read(text, "extra.service." + name); });
    return values;
  }

  function toService(values) {
    return DETAILS.reduce(function (text, name) {
      var value = values[name.replace(/\./g, "__")], path = "extra.service." + name;
      if (value === undefined) return text;
      if (value === null) value = "";
      if (typeof value === "string") value = value.replace(/\s+/g, " ").trim();
      return value === read(text, path) ? text : write(text, path, value);
    }, values.text);
  }

  var formats = {
    page: { fromFile: fromPage, toFile: toPage },
    leaflet: { fromFile: function (text) { return { body: text }; }, toFile: function (file) { return file.body; } },
    service: { fromFile: fromService, toFile: toService }
  };
  if (typeof module !== "undefined") module.exports = formats;
  else {
    window.FILES = formats;
    window.CMS.registerCustomFormat("page", "md", formats.page);
    window.CMS.registerCustomFormat("leaflet", "md", formats.leaflet);
    window.CMS.registerCustomFormat("service", "yml", formats.service);
  }
})();
