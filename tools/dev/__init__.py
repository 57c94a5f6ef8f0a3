"""Programs for developers: `make serve`, the local mailbox, `make lint`, and the installer of system packages."""
