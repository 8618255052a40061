"""Is loaded on the inside, under the user's interpreter: the standard library only, from Python 3.9 on.

A zygote (`__main__`, `zygote`) is warm and trusted. For each guest it forks a keeper (`keeper`, `watch`), which stays
outside, holds the clock and ends the tree; the keeper's child locks itself up (`inside`, `view`, `landlock`, `seccomp`,
by `kernel`) and only then runs the guest program.
"""
