"""The editor's server: sign-in and publishing."""
