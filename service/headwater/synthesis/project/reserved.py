"""Lists the words that mean something in Python, SQL or TypeScript, or to the applications that are rendered."""

from __future__ import annotations

import builtins
import keyword


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TYPESCRIPT = _words("""
    any as async await break case catch class const constructor continue debugger default delete do else enum export
    extends false finally for from function get if implements import in instanceof interface let new null object of
    package private protected public require return set static super switch this throw true try type typeof undefined
    var void while with yield
""")
SQL = _words("""
    abort all alter analyse analyze and any array as asc asymmetric authorization begin between both by cascade case
    cast check collate collation column commit concurrently conflict constraint create cross current current_date
    current_role current_time current_timestamp current_user database default deferrable desc distinct do drop each
    else end escape except exclude exists explain fetch filter for foreign freeze from full glob grant group having
    if ilike in index initially inner insert intersect into is isnull join key lateral leading left like limit
    localtime localtimestamp match natural no not nothing notnull null of off offset on only or order outer over
    overlaps partition placing plan pragma primary recursive references regexp reindex release rename replace
    restrict returning right rollback row rows savepoint select session_user set similar some symmetric table
    tablesample temp temporary then to trailing transaction trigger union unique update user using vacuum values
    variadic verbose view virtual when where window with without
""")
ATTRIBUTES = _words("""
    cls config construct copy created_at date datetime decimal dict etag fields id json key metadata model orm
    owner_scope page password_hash q query ref registry request response row_version sa schema search self session
    sort time token updated_at uuid validate
""")
"""Names that every entity has, or that mean something else where its attributes stand."""
CLASSES = _words("""
    array base base_model blob boolean component count dashboard date datetime decimal element enum error
    event_target exception field file form found fragment function hit json link list map mapped math metadata
    model navigate number object optional outlet page permission promise proxy record reference regexp relation
    request response role route router scope session set settings string symbol text token union upload uuid
""")
"""Classes that generated Python or TypeScript uses for something else, in snake_case."""
MODULES = _words("""
    abc alembic app argparse ast asyncio base collections config copy core custom datetime decimal email enum
    fastapi generated headwater html http io json jwt logging main math os pathlib pydantic pytest random re secrets
    site sqlalchemy sqlite3 src starlette string sys test tests time types typing uuid uvicorn
""")
"""Packages that a package of the same name would hide."""
BUILTINS = frozenset(name.lower() for name in dir(builtins))
PYTHON = frozenset(word.lower() for word in [*keyword.kwlist, *keyword.softkwlist])
ROUTES = _words("""
    api assets auth dashboard docs files health login logout me metrics openapi profile redoc register search static
    uploads
""")
"""First parts of paths that are no entity's."""
TABLES = _words("sqlite_sequence alembic_version")
MEMBERS = _words("none true false null name value mro")
"""Names that a choice of an enumeration cannot have."""
