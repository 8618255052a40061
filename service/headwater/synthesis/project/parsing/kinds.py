"""Tells the type that a value likely has by the words of its name."""

from __future__ import annotations

import re
from functools import lru_cache

from headwater.synthesis.project import naming
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.spec import FieldType

TYPES = {
    **dict.fromkeys(("string", "str", "varchar", "char", "short text"), FieldType.STRING),
    **dict.fromkeys(("text", "long text", "longtext", "markdown", "richtext", "rich text"), FieldType.TEXT),
    **dict.fromkeys(("integer", "int", "number", "bigint", "whole number"), FieldType.INTEGER),
    **dict.fromkeys(("decimal", "float", "double", "money", "currency", "numeric", "real"), FieldType.DECIMAL),
    **dict.fromkeys(("boolean", "bool", "flag", "yes/no", "checkbox"), FieldType.BOOLEAN),
    **dict.fromkeys(("datetime", "timestamp", "date-time", "date and time"), FieldType.DATETIME),
    **dict.fromkeys(("file", "image", "photo", "picture", "attachment", "upload"), FieldType.FILE),
    **dict.fromkeys(("url", "uri"), FieldType.URL),
    **dict.fromkeys(("secret", "password"), FieldType.SECRET),
    "date": FieldType.DATE, "time": FieldType.TIME, "email": FieldType.EMAIL, "phone": FieldType.PHONE,
    "enum": FieldType.ENUM,
}  # fmt: skip
"""Words for types, as people write them."""


ENDINGS: tuple[tuple[FieldType, frozenset[str]], ...] = (
    (FieldType.SECRET, words("password secret passphrase pin")),
    (FieldType.EMAIL, words("email mail e_mail email_address e-mail")),
    (FieldType.URL, words("url website link homepage uri")),
    (FieldType.PHONE, words("telefon telefono phone telephone mobile fax phone_number")),
    (
        FieldType.FILE,
        words(
            "image photo picture screenshot avatar logo attachment file document scan thumbnail cover audio video cv "
            "resume "
            "bild foto imagen"
        ),
    ),
    (FieldType.DATETIME, words("at datetime timestamp moment starts ends begins start end")),
    (
        FieldType.DATE,
        words(
            "datum fecha geburtsdatum on date day birth birthday birthdate deadline due expiry expiration until "
            "from since"
        ),
    ),
    (FieldType.TIME, words("time hora heure uhrzeit")),
    (
        FieldType.DECIMAL,
        words("""
    price cost fee total amount salary wage balance budget rate percentage percent discount tax weight height width
    length depth litre litres liter liters gallons kilometres kilometers km miles kg grams
    latitude longitude distance subtotal value revenue temperature score dose m2 sqm
    preis prix precio betrag montant importe
"""),
    ),
    (
        FieldType.INTEGER,
        words("""
    quantity qty count stock capacity mileage stars servings age year rating points seats size duration
    minutes hours position level rounds laps goals participants attendees persons passengers words calories
    rank pages copies attempts number_of_pages credits likes views units floor limit plays downloads listens
    clicks impressions places spots bedrooms bathrooms beds upvotes downvotes wins losses draws
    anzahl menge cantidad quantite edad jahr annee
"""),
    ),
    (
        FieldType.TEXT,
        words("""
    description body content text note notes bio biography comment message summary instructions details reason
    abstract diagnosis symptoms answer question feedback remarks findings observations
    strengths weaknesses pros cons responsibilities qualifications address history excerpt agenda
    beschreibung descripcion bemerkung commentaire comentario inhalt contenido contenu adresse direccion
"""),
    ),
    (
        FieldType.BOOLEAN,
        words("""
    active published paid done completed enabled available archived verified approved visible public private
    featured read seen cancelled canceled confirmed closed resolved pinned locked returned allowed mandatory
    compulsory neutered vaccinated
"""),
    ),
)
"""The last word of a name, and the type that it has where none is written."""


MOMENTS = ("start", "end", "begin", "arrival", "departure", "pickup", "check", "closing")
"""What makes a time one of a certain day."""


ORDINAL = words("round page week chapter episode season lap step match game position sequence issue day lesson period")
"""What is counted from one on: the number of a round is a whole one, that of a passport is none."""
LASTING = words("cooking preparation prep baking travel running playing waiting lead delivery reading brewing driving")
"""What makes a time one that something takes, in minutes."""
ENDS_OF_RANGE = words("low lower high upper")
"""What makes a limit one of what is measured rather than a count."""
WORTH = words("insurance market book resale replacement asset purchase estimated insured")
"""What makes a value one of money."""


UNITS = {
    **dict.fromkeys(
        words("second seconds minute minutes hour hours day days week weeks month months year years"), FieldType.INTEGER
    ),
    **dict.fromkeys(
        words("""
    kg g grams km m metres meters feet cm mm ml l litres liters percent eur euro euros usd dollars
"""),
        FieldType.DECIMAL,
    ),
}
"""What a value is counted in: a cooking time in minutes is no time of the day."""


BEGINNINGS = (
    (FieldType.DATE, ("date_of_", "date_de_", "fecha_de_")),
    (FieldType.BOOLEAN, ("is_", "has_", "can_", "allow_")),
    (
        FieldType.INTEGER,
        ("year_", "number_of_", "amount_of_", "count_of_", "total_number_of_", "max_", "min_", "maximum_", "minimum_"),
    ),
)
"""How names begin, and the type that they have then where the last word tells none for sure."""


CHOICES: dict[str, tuple[str, ...]] = {
    "status": ("open", "in_progress", "done"),
    "state": ("open", "in_progress", "done"),
    "priority": ("low", "medium", "high"),
    "severity": ("low", "medium", "high"),
    "gender": ("female", "male", "other"),
    "difficulty": ("easy", "medium", "hard"),
}
"""Names that ask for choices, and those that are taken where none are said."""


NAMING = words("""
    name title subject headline label first_name last_name full_name code question titel titre titulo nombre nom
    bezeichnung prenom vorname nachname apellido
""")
"""Names of fields that a row is known by; they are required."""


@lru_cache(maxsize=4096)
def guessed(name: str) -> FieldType:
    """Returns the type that a name suggests."""
    whole = naming.snake(name)
    last = whole.rsplit("_", 1)[-1]
    if last in CHOICES:
        return FieldType.ENUM
    exact = next((kind for kind, known in ENDINGS if spoken(name) in known), None) or _compound(whole)
    if exact is not None:
        return exact
    unit = re.search(r"_in_(?:square_|cubic_)?([a-z]+)$", whole)
    if unit and unit[1] in UNITS:
        counted = guessed(whole[: unit.start()])
        return UNITS[unit[1]] if counted in {FieldType.STRING, FieldType.TIME} else counted
    if last == "time" and whole.startswith(MOMENTS):
        return FieldType.DATETIME
    begun = next((kind for kind, known in BEGINNINGS if whole.startswith(known)), None)
    if begun is not None:
        return begun
    head = re.split(r"_(?:in|per|for)_", whole)[0].rsplit("_", 1)[-1]
    return next((kind for word in (head, last) for kind, known in ENDINGS if word in known), FieldType.STRING)


def _compound(whole: str) -> FieldType | None:
    """Returns the type that the last two words of a name tell together."""
    before, last = (["", *whole.split("_")])[-2:]
    if (last in {"number", "no"} and before in ORDINAL) or (last == "time" and before in LASTING):
        return FieldType.INTEGER
    worth = last == "value" and before in WORTH
    return FieldType.DECIMAL if worth or (last == "limit" and before in ENDS_OF_RANGE) else None


def spoken(name: str) -> str:
    """Returns a name in small letters with blanks between its words."""
    return naming.snake(name).replace("_", " ")
