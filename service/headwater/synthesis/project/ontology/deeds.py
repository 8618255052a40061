# ruff: noqa: E501 — a line of a table is a line
"""Lists what people do with things that leaves a row behind: who books a lesson makes a booking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An act of somebody on a thing: its verbs with the words behind them, and the row that it makes.

    `others` are further names for such a row; `once` says that there is at most one for each thing and person.
    """

    noun: str
    verbs: tuple[str, ...]
    fields: str
    others: tuple[str, ...] = ()
    once: bool = False


DEEDS: tuple[Deed, ...] = (
    Deed(
        noun="Booking",
        verbs=("book",),
        fields="starts_at datetime required filtered; ends_at datetime; status requested | confirmed | cancelled = requested",
        others=("reservation", "appointment", "ticket"),
    ),
    Deed(
        noun="Reservation",
        verbs=("reserve", "make a reservation for"),
        fields="reserved_at datetime = now; starts_at datetime filtered; status requested | confirmed | cancelled = requested",
        others=("booking", "appointment", "ticket", "rental", "loan request"),
    ),
    Deed(
        noun="Rental",
        verbs=("rent", "hire", "lease"),
        fields="starts_on date required; ends_on date required; status requested | confirmed | returned | cancelled = requested",
        others=("booking", "reservation", "lease", "hire"),
    ),
    Deed(
        noun="Loan",
        verbs=("borrow", "check out"),
        fields="loaned_on date = now; due_date date required; returned_on date",
        others=("lending", "borrowing", "checkout"),
    ),
    Deed(
        noun="Enrollment",
        verbs=("enroll in", "enrol in", "enroll for", "take part in", "enlist in"),
        fields="enrolled_on date = now; status active | completed | dropped = active",
        others=("enrolment", "participation"),
        once=True,
    ),
    Deed(
        noun="Registration",
        verbs=("sign up for", "sign up to", "register for", "pick", "join", "attend", "rsvp to", "rsvp for", "participate in"),
        fields="registered_on date = now; status signed_up | attended | cancelled = signed_up",
        others=("attendance", "participation", "sign-up", "signup", "membership", "enrollment", "booking", "ticket"),
        once=True,
    ),
    Deed(
        noun="Application",
        verbs=("apply for", "apply to", "apply at"),
        fields="message text required; status received | accepted | rejected = received",
        others=("adoption request", "request", "candidacy"),
    ),
    Deed(
        noun="Order",
        verbs=("order", "buy", "purchase", "place orders for"),
        fields="quantity integer required at least 1 = 1; status placed | paid | delivered | cancelled = placed; ordered_at datetime = now",
        others=("purchase", "sale", "ticket", "booking", "order item", "transaction"),
    ),
    Deed(
        noun="Subscription",
        verbs=("subscribe to",),
        fields="subscribed_on date = now; active boolean = true",
        others=("subscriber",),
        once=True,
    ),
    Deed(noun="Follow", verbs=("follow",), fields="note string", others=("follower", "subscription"), once=True),
    Deed(noun="Vote", verbs=("vote for", "vote on", "upvote"), fields="voted_at datetime = now", others=("like",), once=True),
    Deed(
        noun="Donation",
        verbs=("donate to", "give money to", "donate money to", "contribute to", "pledge to"),
        fields="amount decimal required at least 0; donated_at datetime = now",
        others=("pledge", "contribution", "gift"),
    ),
    Deed(noun="Bid", verbs=("bid on", "bid for"), fields="amount decimal required at least 0; placed_at datetime = now", others=("offer",)),
)  # fmt: skip
"""The deeds that are known; of two that fit, the longer words count."""
