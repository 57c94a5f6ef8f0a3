"""The pages of the form service, a module for each group of URLs."""
