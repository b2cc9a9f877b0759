"""What the verify cases are made of: frames, conversations, a replay, and what is expected of it."""
