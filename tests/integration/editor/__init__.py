"""Tests of the editor's server: sign-in, saving and publishing."""
