"""Build the site ready to publish: pages, search index, and the web host's configuration (`_headers`, `_redirects`)."""
