"""Forms the plural and the singular of English nouns, and finds the article before them."""

from __future__ import annotations

import re
from functools import lru_cache

VOWEL = re.compile(r"hour|heir|hono|honest|(?!uni(?!n)|us[aeiu]|ut[ei]|eu|ewe|one\b|once)[aeiou]")
"""How nouns begin that one hears a vowel of."""
IRREGULAR = {
    "person": "people", "child": "children", "man": "men", "woman": "women", "foot": "feet", "tooth": "teeth",
    "mouse": "mice", "goose": "geese", "criterion": "criteria", "phenomenon": "phenomena", "index": "indexes",
    "analysis": "analyses", "thesis": "theses", "synthesis": "syntheses", "parenthesis": "parentheses",
    "diagnosis": "diagnoses", "basis": "bases", "crisis": "crises",
    "hypothesis": "hypotheses", "leaf": "leaves", "shelf": "shelves", "life": "lives", "wife": "wives", "half":
    "halves", "knife": "knives", "wolf": "wolves", "loaf": "loaves", "medium": "media", "curriculum": "curricula",
    "bonus": "bonuses", "status": "statuses", "campus": "campuses", "bus": "buses", "virus": "viruses", "lens":
    "lenses", "alias": "aliases", "quiz": "quizzes", "gas": "gases", "atlas": "atlases", "canvas": "canvases",
    "census": "censuses", "potato": "potatoes", "tomato": "tomatoes", "hero": "heroes", "echo": "echoes", "movie":
    "movies", "cookie": "cookies", "calorie": "calories", "tie": "ties", "pie": "pies", "die": "dies", "zombie":
    "zombies", "selfie": "selfies", "cache": "caches", "axis": "axes", "matrix": "matrices", "vertex": "vertices",
    "shoe": "shoes", "toe": "toes", "canoe": "canoes", "house": "houses", "course": "courses",
    "horse": "horses", "nurse": "nurses", "purse": "purses", "license": "licenses", "case": "cases", "base":
    "bases", "database": "databases", "use": "uses", "purchase": "purchases", "lease": "leases", "release":
    "releases", "response": "responses", "expense": "expenses", "exercise": "exercises", "warehouse": "warehouses",
    "phase": "phases", "disease": "diseases", "franchise": "franchises", "premise": "premises", "enterprise":
    "enterprises", "cause": "causes", "clause": "clauses", "pause": "pauses", "rose": "roses", "nose": "noses",
    "dose": "doses", "verse": "verses", "size": "sizes", "prize": "prizes", "quiche": "quiches", "niche": "niches",
    "menu": "menus", "guru": "gurus", "headache": "headaches", "vaccine": "vaccines",
}  # fmt: skip
SINGULARS = {plural: singular for singular, plural in IRREGULAR.items()}
UNCOUNTED = frozenset({
    "news", "series", "species", "sheep", "fish", "equipment", "information", "money", "software", "hardware", "staff",
    "feedback", "data", "media", "attendance", "inventory", "behavior", "behaviour", "furniture", "luggage", "advice",
    "stock", "mail", "music", "content", "progress", "research", "traffic", "weather", "waste", "access", "homework",
    "analytics", "logistics", "headquarters", "sales", "goods", "physics", "mathematics",
    "address", "business", "class",
})  # fmt: skip
"""Words that `singular` leaves as they are; those with a plural of their own end in a doubled s."""


def plural(word: str) -> str:
    """Returns the plural of a lower-case noun; what has none gets an s all the same where it ends in a letter."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in SINGULARS or (word in UNCOUNTED and not word.endswith("ss")):
        return word
    if re.search(r"(?:s|x|z|ch|sh)$", word):
        return f"{word}es"
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}s"


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """Returns the singular of a lower-case noun."""
    if word in SINGULARS:
        return SINGULARS[word]
    if word in IRREGULAR or word in UNCOUNTED or len(word) < 4 or re.search(r"(?:ss|us|is)$", word):  # noqa: PLR2004
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if re.search(r"(?:sses|xes|zzes|ches|shes|(?<!o)uses)$", word):
        return word[:-2]
    return word.removesuffix("s")


def with_article(noun: str) -> str:
    """Returns a noun behind its article, which goes by the sound: "an order", "a user", "an hour"."""
    return f"{'an' if VOWEL.match(noun) else 'a'} {noun}"
