"""Says what a kind of application is: the words and brands that call for it, and what it keeps."""

from __future__ import annotations

from dataclasses import dataclass

from headwater.synthesis.project.spec import FeatureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Archetype:
    """A kind of application: `words` call for it, `core` entities come with it, `roles` act beside `admin`.

    An entity that is not core is taken only where the text speaks of it (by its name or one of its `also`). `brands`
    are well-known applications of this kind: they count in "like Trello" and "a Trello clone". A text with one of
    `unless` is of another kind.
    """

    name: str
    words: tuple[str, ...]
    table: str
    core: tuple[str, ...]
    roles: tuple[str, ...] = ()
    features: tuple[FeatureKind, ...] = (FeatureKind.AUTH,)
    also: tuple[tuple[str, str], ...] = ()
    brands: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


PEERS: tuple[frozenset[str], ...] = tuple(
    frozenset(each.split())
    for each in (
        "recruiter employer hirer", "applicant candidate jobseeker",
        "instructor teacher tutor trainer lecturer professor coach", "student learner pupil trainee",
        "customer client buyer shopper guest renter diner", "seller vendor merchant trader",
        "agent realtor broker", "organizer organiser host promoter", "author writer blogger columnist",
        "attendee participant visitor", "borrower reader", "clerk storekeeper warehouseman", "donor supporter backer",
        "requester reporter",
    )
)  # fmt: skip
"""Words for the same role: where a text uses one of them, what its kind brings uses it too."""
