// What must be fixed before the words can be published.
import { fill, h } from "./dom.js";

/**
 * Show the problems in `box`. A problem in the file at `path` (or, for a leaflet, its name) is a button that calls
 * `goTo(line)`. For settings, `path` is "" and each problem is a button that calls `goTo(problem)`.
 */
export function showProblems(box, { problems, older }, path, goTo) {
  const item = (problem) => {
    const prefix = [path, path.split("/").pop()].find((name) => problem.startsWith(`${name}, line `));
    const line = prefix ? Number(/line (\d+)/.exec(problem)[1]) : path === "" && problem;
    const words = prefix ? problem.replace(`${prefix}, line`, "Line") : problem;
    return h("li", {}, line ? h("button", { type: "button", class: "link", onclick: () => goTo(line) }, words) : words);
  };
  box.className = problems.length ? "problems bad" : "problems";
  fill(
    box,
    problems.length
      ? [h("strong", {}, thingsToFix(problems.length)), h("ul", {}, problems.map(item))]
      : h("span", {}, "Nothing to fix."),
    older.length > 0 && h("details", {}, h("summary", {}, "Mistakes that were already on other pages"), h("ul", {}, older.map(item))),
  );
}

/** Return "One thing to fix", "2 things to fix" and so on. */
export const thingsToFix = (number) => (number === 1 ? "One thing to fix" : `${number} things to fix`);
