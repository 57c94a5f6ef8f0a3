"""From the sources to a site ready to publish: the build, the search index, and the hosting's own files."""
