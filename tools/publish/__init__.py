"""Build the public site: its pages, its search index, and the web host's files (`_headers`, `_redirects`)."""
