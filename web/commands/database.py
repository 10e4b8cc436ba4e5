"""The options of a command come in; its database, at the schema of this version, goes out."""

import argparse

import sqlalchemy as sa

from engine.db import connect
from engine.errors import Conflict, Invalid
from web.settings import Settings
from workflows import migrations


def add_database_url(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="sqlite:///FILE or postgresql+psycopg://…; HENT_DATABASE_URL, else var/hent.sqlite3",
    )


def settings_of(arguments: argparse.Namespace) -> Settings:
    url = arguments.database_url
    if url and url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    return Settings.from_environment(url)


def open_database(arguments: argparse.Namespace) -> sa.Engine:
    """Whatever schema it has; an address nobody answers at is told in a sentence."""
    url = settings_of(arguments).database_url
    try:
        database = connect(url)
        with database.connect():
            return database
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as problem:
        raise Invalid(f"L’adresse de la base n’est pas comprise\u202f: {url}.") from problem
    except sa.exc.OperationalError as problem:
        reason = str(problem.orig).strip().splitlines()[0]
        raise Conflict(f"La base de données ne répond pas\u202f: {reason}.") from problem


def open_current_database(arguments: argparse.Namespace) -> sa.Engine:
    """For what must not change the schema by itself."""
    database = open_database(arguments)
    if migrations.current(database) != migrations.newest():
        raise Conflict("La base n’est pas au schéma de cette version\u202f: ./hent upgrade-db.")
    return database
