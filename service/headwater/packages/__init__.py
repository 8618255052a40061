"""Takes a whole package: finds its modules, what tests of them exist, what changed, and what was done before."""
