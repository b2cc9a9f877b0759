"""The cases, by what they are about. See ../README.md."""
