"""Remembers expressions by what they make, some of each form, so that many of one do not crowd out the others."""

from __future__ import annotations

from collections import Counter
from typing import Dict, List, Optional

PER_FORM = 6
"""How many expressions of one form, that is with the same parameters given, are remembered."""


class Remembered:
    """The expressions that are known to make one kind of thing."""

    def __init__(self, size: int) -> None:
        """Takes how many expressions are kept."""
        self._size = size
        self._forms: Dict[str, str] = {}

    def texts(self) -> List[str]:
        """Returns the expressions, the first known first."""
        return list(self._forms)

    def first(self, form: str) -> Optional[str]:
        """Returns the first expression of a form; None where there is none yet."""
        return next((text for text, known in self._forms.items() if known == form), None)

    def keep(self, text: str, form: str, *, twice: bool = False) -> None:
        """Remembers an expression if there are not plenty of its form; `twice` as many are borne of what is worth it.

        Where there is no room the form of which there are most makes some, if it has more.
        """
        counts = Counter(self._forms.values())
        if text in self._forms or counts[form] >= PER_FORM * (1 + twice):
            return
        if len(self._forms) >= self._size:
            largest, most = counts.most_common(1)[0]
            if most <= counts[form] + 1:
                return
            del self._forms[[each for each, known in self._forms.items() if known == largest][-1]]
        self._forms[text] = form
