"""A network in a box for the demo and the wire tests: namespaces, real servers, and minerwalld in between."""
