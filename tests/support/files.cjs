// The editor's file formats on standard input: {"format", "text", "change"} → the file as it would be saved.
const formats = require("../../editor/hosted/files.js");
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(({ format, text, change }) => {
  const data = formats[format].fromFile(text);
  return { data, text: formats[format].toFile(Object.assign({}, data, change)) };
})));
