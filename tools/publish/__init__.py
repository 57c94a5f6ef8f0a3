"""The build of the site to publish: pages, search index, and the web host's files (`_headers`, `_redirects`)."""
