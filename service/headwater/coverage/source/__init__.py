"""The source that was measured: its files, where reports' paths lie in it, and what is to be known of it as a whole."""
