"""How fast tracegraph is, beside named rivals that give the same rows."""
