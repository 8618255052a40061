"""Scripts as V8 ran them: which lines its offsets are, and which lines of the original they were made from."""
