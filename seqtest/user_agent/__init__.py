"""A browser as a value: its cookies, its page, and where it was sent. It says what a request takes along."""
