"""The leaflets and the paper form, from the same words as the site."""
