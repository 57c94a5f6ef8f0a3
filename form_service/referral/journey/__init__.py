"""The journey through the form, as pure functions of the answers: no request, no store, no clock."""
