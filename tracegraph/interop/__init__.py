"""The same trace as values of other libraries: networkx and pyvis."""
