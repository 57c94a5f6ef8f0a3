// Google's evaluator on one content policy.   node policy.mjs POLICY   → JSON: its findings
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const { CspEvaluator } = require("csp_evaluator/dist/evaluator.js");
const { CspParser } = require("csp_evaluator/dist/parser.js");
const findings = new CspEvaluator(new CspParser(process.argv[2]).csp).evaluate();
console.log(JSON.stringify(findings.map(({ severity, directive, value, description }) => ({ severity, directive, value, description }))));
