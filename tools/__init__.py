"""The programs behind the Makefile's commands. The site, the leaflets and the form import nothing from here."""
