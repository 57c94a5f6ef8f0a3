"""Find a page's CSS declarations that a browser engine does not support."""

from tests.support.driven_browser import DrivenBrowser

# No page needs these: only engines with forced colours support the first; the second avoids single-word last lines.
OPTIONAL_DECLARATIONS = ("forced-color-adjust:", "text-wrap:pretty")
FIND_UNSUPPORTED_DECLARATIONS = r"""
const values = getComputedStyle(document.documentElement), unsupported = [];
const resolved = text => text.replace(/var\((--[\w-]+)\)/g, (_, name) => values.getPropertyValue(name).trim());
const text = document.querySelector("style").textContent.replace(/@font-face\s*\{[^}]*\}/g, "");
const blocks = [...text.matchAll(/\{([^{}]*)\}/g)];
const lines = blocks.flatMap(block => block[1].split(";")).filter(line => line.includes(":") && !line.startsWith("--"));
for (const line of lines) {
    const [name, value] = [line.slice(0, line.indexOf(":")), resolved(line.slice(line.indexOf(":") + 1))];
    if (!CSS.supports(name, value.replace("!important", ""))) unsupported.push(line);
}
return [lines.length, unsupported]"""


def unsupported_declarations(browser: DrivenBrowser) -> list[str]:
    """Return the CSS declarations of the open page that the browser does not support, except the optional ones."""
    count, unsupported_lines = browser.script(FIND_UNSUPPORTED_DECLARATIONS)
    assert count > 100, "the page has no style"
    return [line for line in unsupported_lines if not line.startswith(OPTIONAL_DECLARATIONS)]
