// Requests to the editor's own server (tools/editor/app.py).

const NOT_RESPONDING = "The editor is not responding. Your words are kept in this browser. Try again in a minute. If you started it with “make edit”, check that it is still running.";
// The web server in front of a hosted editor answers these without JSON.
const WEB_SERVER_ERRORS = {
  413: "That is larger than 20 MB. Make it smaller first.",
  502: NOT_RESPONDING,
  503: NOT_RESPONDING,
  504: "The editor took too long to answer. Your words are kept in this browser. Reload the page and look whether your change is there before you try again.",
};

/** Send a request and return its JSON. Throws an Error with words for the person who edits. */
export async function request(path, body, method = body === undefined ? "GET" : "POST") {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined || body instanceof Blob ? {} : { "Content-Type": "application/json" },
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch {
    throw new Error(NOT_RESPONDING);
  }
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.error || WEB_SERVER_ERRORS[response.status] || `The editor could not do that (${response.status}).`);
  return data;
}

/** Return `path` with `values` as its query. */
export const withQuery = (path, values) => `${path}?${new URLSearchParams(values)}`;
