"""The referral itself: its questions, the journey through them, its reference and its languages.

Pure functions over answers. Nothing here knows of Flask, a database, encryption or email.
"""
