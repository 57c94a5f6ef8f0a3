"""Programs for developers, such as `make serve`, the local mailbox, `make lint` and the package installer."""
