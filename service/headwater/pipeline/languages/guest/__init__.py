"""What runs inside the sandbox for other languages: standard library only, 3.9 and later."""
