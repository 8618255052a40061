"""Lets a model fill hooks: which rules ask for one, what the model is told, what of its answers may be run.

`candidates` finds sentences that state rules, `read_rules` the hooks that a model names, `drafted` the code of an
answer after it was screened, and `modules` composes the files. Whether a hook does what its rule says is not known
here: that is run elsewhere, and nothing else decides whether it is kept.
"""

from headwater.synthesis.project.hooks.answer import Beside, Drafted, Named, drafted, fault_of, read_rules
from headwater.synthesis.project.hooks.asking import Words, complaint, for_hook, for_rules, for_tests
from headwater.synthesis.project.hooks.bounds import Bounds
from headwater.synthesis.project.hooks.composing import HOOKS, TESTS, modules, test_names
from headwater.synthesis.project.hooks.points import Point, Rule, point
from headwater.synthesis.project.hooks.rules import candidates
from headwater.synthesis.project.hooks.screening import Kind

__all__ = [
    "HOOKS",
    "TESTS",
    "Beside",
    "Bounds",
    "Drafted",
    "Kind",
    "Named",
    "Point",
    "Rule",
    "Words",
    "candidates",
    "complaint",
    "drafted",
    "fault_of",
    "for_hook",
    "for_rules",
    "for_tests",
    "modules",
    "point",
    "read_rules",
    "test_names",
]
