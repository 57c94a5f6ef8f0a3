"""Programs for developers: `make serve`, the local mailbox, `make lint`, and their system packages."""
