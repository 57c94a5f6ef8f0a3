"""The development machine: `make serve`, its local mailbox, `make lint`, and what the system has to provide."""
