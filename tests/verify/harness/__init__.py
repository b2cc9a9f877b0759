"""The tools of the verify cases: frames, conversations, replays and expectations."""
