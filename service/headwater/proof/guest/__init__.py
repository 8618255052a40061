"""What a proof runs on the inside: a guest that starts programs, and programs that look at a rendered application."""
