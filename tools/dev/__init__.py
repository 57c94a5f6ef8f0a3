"""The development machine: `make serve`, its local mailbox, `make lint`, and the system packages that they need."""
