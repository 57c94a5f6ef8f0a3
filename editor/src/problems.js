// What must be fixed before the words can be published.
import { fill, h } from "./dom.js";

/** Show the problems in `box`; a problem with a line of this file leads there. A leaflet's begin with its name alone. `goTo(line)` moves the cursor. Without a path each leads to its setting: `goTo(problem)`. */
export function showProblems(box, { problems, older }, path, goTo) {
  const item = (problem) => {
    const here = [path, path.split("/").pop()].find((name) => problem.startsWith(`${name}, line `));
    const line = here ? Number(/line (\d+)/.exec(problem)[1]) : path === "" && problem;
    const words = here ? problem.replace(`${here}, line`, "Line") : problem;
    return h("li", {}, line ? h("button", { type: "button", class: "link", onclick: () => goTo(line) }, words) : words);
  };
  box.className = problems.length ? "problems bad" : "problems";
  fill(
    box,
    problems.length
      ? [h("strong", {}, count(problems.length)), h("ul", {}, problems.map(item))]
      : h("span", {}, "Nothing to fix."),
    older.length > 0 && h("details", {}, h("summary", {}, "Mistakes that were already on other pages"), h("ul", {}, older.map(item))),
  );
}

/** "2 things to fix" */
export const count = (number) => (number === 1 ? "One thing to fix" : `${number} things to fix`);
