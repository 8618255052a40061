"""What calls what: the graph, where programs are entered, what is at risk, and the ways from one to the other."""
