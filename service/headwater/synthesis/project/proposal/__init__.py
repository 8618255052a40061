"""Lets a model propose changes to a spec: what to ask it, how to read its answer, and which of it can be done.

`instructions` is what to ask, `read` takes the operations out of whatever came back, `apply` does those that leave the
spec valid, and `complaint` tells of the others in words that can be sent back. The spec is valid at every moment.
"""

from headwater.synthesis.project.proposal.answer import Proposal, read
from headwater.synthesis.project.proposal.asking import Instructions, complaint, fenced, instructions, summary
from headwater.synthesis.project.proposal.changes import Outcome, apply
from headwater.synthesis.project.proposal.operations import Operation

__all__ = [
    "Instructions",
    "Operation",
    "Outcome",
    "Proposal",
    "apply",
    "complaint",
    "fenced",
    "instructions",
    "read",
    "summary",
]
