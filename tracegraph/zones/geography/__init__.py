"""Where areas lie: outlines, who borders whom, how people move between them."""
