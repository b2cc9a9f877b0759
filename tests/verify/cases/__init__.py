"""The cases, by theme. See ../README.md."""
