"""Which zones to redraw: what each label costs, the labels that cost least, and the plan."""
