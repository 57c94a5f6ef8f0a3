// MDN's HTTP Observatory on a server of the test's own.
//   node observe.mjs HOST HTTP_PORT HTTPS_PORT PATH   → JSON: grade, score, and each test's result
import fs from "node:fs";
import https from "node:https";
import net from "node:net";

const [host, httpPort, httpsPort, path] = process.argv.slice(2);

// The list of preloaded hosts would be fetched from elsewhere: an empty one, so that nothing counts but the headers.
fs.writeFileSync("node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json", "{}");

// The scanner knows a host's own ports and its first page only: lead both to where the test has them.
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  options.port = String(options.port) === "443" ? httpsPort : httpPort;
  options.host = "127.0.0.1";
  options.path = undefined;
  return connect.apply(this, args);
};
const request = https.request;
https.request = (options, answer) => request(options.path === "/" ? { ...options, path } : options, answer);

const { scan } = await import("@mdn/mdn-http-observatory/src/scanner/index.js").catch(
  () => import(new URL("./node_modules/@mdn/mdn-http-observatory/src/scanner/index.js", import.meta.url)),
);
const { scan: summary, tests } = await scan(host);
const results = Object.fromEntries(Object.entries(tests).map(([name, test]) => [name, [test.result, test.scoreModifier]]));
console.log(JSON.stringify({ grade: summary.grade, score: summary.score, results }));
