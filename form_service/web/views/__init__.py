"""The views of the form, in one module for each group of URLs."""
