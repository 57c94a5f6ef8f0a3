"""The journey through the form: which questions and pages come next, what is valid, and what is sent.

The code depends only on the answers, never on a request, the store or the clock.
"""
