"""Asks what the text leaves open and a sentence could settle: who may see what was not said to be anybody's."""

from __future__ import annotations

from headwater.synthesis.project.parsing.draft import Draft, Thing, plural_of
from headwater.synthesis.project.spec import Action, Permission, Question, Scope

SHOWN = 3
"""So many things are named in a question."""
EVERYBODY, OWNER = "everybody who signs in", "only who made them"


def visibility(draft: Draft, permissions: tuple[Permission, ...], members: frozenset[str]) -> None:
    """Asks who may see the things of which nothing was said and that everybody who signs in sees meanwhile."""
    said = {each.entity for each in draft.rights if Action.READ in each.actions}
    open_ones = {
        each.entity for each in permissions
        if each.role in members and each.read is Scope.ALL and each.entity not in said
    }  # fmt: skip
    asked = [each for each in draft.things.values() if _undecided(each) and each.name in open_ones]
    if not asked:
        return
    names = [plural_of(each.label).replace("_", " ") for each in asked[:SHOWN]]
    more = " and the like" if len(asked) > SHOWN else ""
    text = f"Who may see {' and '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}{more}?"
    draft.questions.append(
        Question(
            text=text, choices=(EVERYBODY, OWNER), taken=EVERYBODY, about=asked[0].name, span=asked[0].origin.span
        )
    )  # fmt: skip


def _undecided(thing: Thing) -> bool:
    return thing.policy is None and bool(thing.owner)
