// Requests to the editor's own server (tools/editor/app.py).

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
    throw new Error("The editor is not responding. Your words are kept in this browser. Try again in a minute. If you started it with “make edit”, check that it is still running.");
  }
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.error || `The editor could not do that (${response.status}).`);
  return data;
}

/** Return `path` with `values` as its query. */
export const withQuery = (path, values) => `${path}?${new URLSearchParams(values)}`;
