"""`./hent create-administrator`: the first real account of an establishment, with its password.

The password is asked for twice without being shown, or read from a file or from the environment
(HENT_ADMINISTRATOR_PASSWORD): never an argument, it would stay in the shell's history.
"""

import argparse
from getpass import getpass
from pathlib import Path

from rich.console import Console

from engine.db import transaction
from engine.errors import Conflict, Invalid
from web import door
from web.auth.passwords import hashed, require_strong
from web.commands.database import add_database_url, open_current_database
from web.settings import administrator_password
from workflows.demonstration import loading
from workflows.roles import ADMINISTRATOR
from workflows.staff import operations as staff


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", help="the address they sign in with")
    parser.add_argument("first_name")
    parser.add_argument("last_name")
    parser.add_argument("--password-file", metavar="FILE", help="its first line is the password")
    add_database_url(parser)


def run(arguments: argparse.Namespace) -> int:
    database = open_current_database(arguments)
    password = _password(arguments.password_file)
    with transaction(database) as db:
        if loading.may_be_erased(db):
            raise Conflict(
                "Cette base est celle de la démonstration\u202f: un compte réel n’y a pas sa place. "
                "Donnez --database-url d’une base de l’établissement."
            )
        user = staff.create_user(
            db,
            email=arguments.email,
            first_name=arguments.first_name,
            last_name=arguments.last_name,
            occupation="Administration",
            password=hashed(password),
            actor="system",
            now=door.now(),
        )
        staff.add_membership(
            db, user_id=user.id, role=ADMINISTRATOR.code, actor="system", now=door.now()
        )
    Console().print(
        f"{user.display_name} est administrateur\u202f: connexion avec {user.email}.", markup=False
    )
    return 0


def _password(file: str | None) -> str:
    if file:
        password = _first_line(Path(file))
    elif (given := administrator_password()) is not None:
        password = given
    else:
        password = getpass("Mot de passe\u202f: ")
        if getpass("Encore une fois\u202f: ") != password:
            raise Invalid("Les deux mots de passe diffèrent\u202f: rien n’a été créé.")
    require_strong(password)
    return password


def _first_line(file: Path) -> str:
    try:
        return file.read_text("utf-8").splitlines()[0]
    except (OSError, IndexError, UnicodeDecodeError) as problem:
        raise Invalid(f"Le mot de passe n’a pas pu être lu dans {file}.") from problem
