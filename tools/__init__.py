"""What the Makefile's commands run. Nothing here is imported by the site, the leaflets or the form."""
