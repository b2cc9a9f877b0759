"""The network for the demo and the wire tests: namespaces, real servers, and minerwalld in between."""
