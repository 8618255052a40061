# ruff: noqa: E501 — a line of a table is a line
"""Lists features: the words that ask for one, and what it adds to the entity that it works on, called `Subject` here."""

from __future__ import annotations

from dataclasses import dataclass

from headwater.synthesis.project.spec import FeatureKind

SUBJECT = "Subject"
"""What stands for the entity that a feature works on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureEntry:
    """A feature: a pattern of the words that ask for it, and the lines it adds (see `notation`).

    `spread` features work on each entity that fits; the others on the main one.
    """

    kind: FeatureKind
    pattern: str
    table: str = ""
    needs_account: bool = False
    spread: bool = False


FEATURES: tuple[FeatureEntry, ...] = (
    FeatureEntry(
        kind=FeatureKind.AUTH,
        pattern=r"authenticat\w*|log[\s-]?ins?\b|log(?:ged)? in\b|sign(?:ed)?[\s-]?(?:in|up)\b|passwords?|\bauth\b|user accounts?|"
        r"registration|register(?:ed)?\b|accounts?\b",
        needs_account=True,
    ),
    FeatureEntry(
        kind=FeatureKind.COMMENTS,
        pattern=r"\bcomment(?:s|ing)?\b",
        table="""
            Comment public: body text required 1..5000
            Comment.Subject -> Subject required cascade as comments
            Comment.author -> Account required cascade as comments owner
        """,
        needs_account=True,
    ),
    FeatureEntry(
        kind=FeatureKind.TAGS,
        pattern=r"\btag(?:s|ged|ging)?\b",
        table="""
            Tag catalog: name string required unique 1..60 searched
            Subject.tags >< Tag as Subjects
        """,
    ),
    FeatureEntry(
        kind=FeatureKind.CATEGORIES,
        pattern=r"\bcategor(?:y|ies|ised|ized|ise|ize)\b",
        table="""
            Category catalog: name string required unique 1..100 searched; description text
            Subject.category -> Category optional as Subjects
        """,
    ),
    FeatureEntry(
        kind=FeatureKind.RATINGS,
        pattern=r"(?<!under )(?<!in )\b(?:reviews?|ratings?)\b|\b(?:can|may|to|and|also|then|users|customers|members)\s+rate\b|"
        r"(?:^|[,;]\s*)rate\s+(?:the|an?|each|every|it|them|their|\w+s)\b",
        table="""
            Review public: rating integer required 1..5; body text
            Review.Subject -> Subject required cascade as reviews
            Review.author -> Account required cascade as reviews owner
            Review once Subject author
        """,
        needs_account=True,
    ),
    FeatureEntry(
        kind=FeatureKind.LIKES,
        pattern=r"\b(?:likes|liked|upvotes?|thumbs[\s-]up|like (?:a |an |the |each )?(?:post|comment|article|photo|video)s?)\b",
        table="""
            Like public: note string
            Like.Subject -> Subject required cascade as likes
            Like.member -> Account required cascade as likes owner
            Like once Subject member
        """,
        needs_account=True,
    ),
    FeatureEntry(
        kind=FeatureKind.FAVOURITES,
        pattern=r"\b(?:favou?rites?|bookmarks?|wish[\s-]?lists?)\b",
        table="""
            Favourite private: note string
            Favourite.Subject -> Subject required cascade as favourites
            Favourite.member -> Account required cascade as favourites owner
            Favourite once Subject member
        """,
        needs_account=True,
    ),
    FeatureEntry(
        kind=FeatureKind.NOTIFICATIONS,
        pattern=r"\b(?:notif(?:y|ied|ies|ication|ications)|reminders?|reminded)\b",
        table="""
            Notification private: message string required 1..300; read boolean
            Notification.recipient -> Account required cascade as notifications owner
        """,
        needs_account=True,
    ),
    FeatureEntry(
        kind=FeatureKind.MESSAGES,
        pattern=r"\b(?:direct|private|instant)\s+(?:messages?|messaging)|\bmessag(?:es|ing)\b|\bchats?\b|\binbox\b",
        table="""
            Message private: body text required 1..5000; read boolean
            Message.sender -> Account required cascade as sent_messages owner
            Message.recipient -> Account required cascade as received_messages
        """,
        needs_account=True,
    ),
    FeatureEntry(
        kind=FeatureKind.UPLOAD,
        pattern=r"\b(?:upload(?:s|ed|ing)?|attachments?|attach(?:ed)? files?)\b",
        table="""
            Attachment shared: title string required 1..200; file file required
            Attachment.Subject -> Subject required cascade as attachments
            Attachment.uploader -> Account required cascade as attachments owner
        """,
        needs_account=True,
    ),
    FeatureEntry(kind=FeatureKind.SEARCH, pattern=r"\bsearch(?:es|ed|ing|able)?\b|\bfind\b|\bbrowse\b", spread=True),
    FeatureEntry(
        kind=FeatureKind.EXPORT,
        pattern=r"\bexport(?:s|ed|ing)?\b|(?<!from )(?<!import )\bcsv\b|\b(?:to|into|as)\s+(?:an?\s+)?(?:excel|spreadsheets?)\b",
        spread=True,
    ),
    FeatureEntry(
        kind=FeatureKind.HISTORY,
        pattern=r"\baudit\w*|\bchange history\b|\bversion history\b|\bactivity log\b",
        spread=True,
    ),
    FeatureEntry(
        kind=FeatureKind.DASHBOARD,
        pattern=r"\bdashboards?\b|\bstatistics\b|\bstats\b|\banalytics\b|\breporting\b|"
        r"\breports?\s+(?:of|on|about|for|with|showing)\b|"
        r"\b(?:view|see|get|generate|print|run|show|monthly|weekly|daily|yearly|annual|sales|summary)\s+"
        r"(?:(?:an?|the|all|their|own|his|her)\s+){0,3}(?:(?:monthly|weekly|daily|sales|summary)\s+)?reports?\b",
        spread=True,
    ),
    FeatureEntry(
        kind=FeatureKind.PAYMENTS,
        pattern=r"\b(?:pay(?:ments?|ing)?|checkout|credit cards?|stripe|paypal)\b",
        spread=True,
    ),
)
"""The features that are known, in the order in which they are added."""

BEYOND: tuple[tuple[str, str], ...] = (
    (r"\b(?:stripe|paypal|credit cards?)\b", "Payments are recorded; no payment provider is connected."),
    (r"\b(?:ios|android|native|mobile)\s+apps?\b", "There is a web application that fits small screens; no native mobile app."),
    (r"\b(?:machine learning|artificial intelligence|\bai\b|recommendation engine|neural)\b", "Nothing is learned from data."),
    (r"\b(?:video calls?|video chats?|live[\s-]?stream\w*|webrtc)\b", "No live audio or video is carried."),
    (r"\b(?:blockchain|smart contracts?|nfts?|crypto\w*)\b", "No blockchain is used; rows are kept in the database."),
    (r"\b(?:google maps|gps|maps?)\b", "Places are kept as text and coordinates; no map service is connected."),
    (r"\b(?:sms|text messages|push notifications?)\b", "Notifications are kept and shown in the application; none is sent out."),
    (r"\b(?:single sign-on|sso|oauth2?|saml|ldap|google login|facebook login)\b", "People sign in by email and password only."),
    (r"\b(?:microservices?|graphql|grpc|mongodb|java|php|ruby|angular|vue)\b",
     "The stack is FastAPI, SQLAlchemy and React, whatever else was named."),
)  # fmt: skip
"""What the stack cannot do, and what is done instead."""
