"""The leaflets, the booklet and the paper form, made from the service profile, the site and the form's questions."""
