"""Tests of the editor's server: sign-in and publishing."""
