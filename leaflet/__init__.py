"""The leaflets and the paper form, from the same texts as the site."""
