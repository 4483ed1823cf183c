"""Invented persons."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

DOMAINS = ("example.com", "example.org", "example.net")
CONSENTS = {"subscribed": 62, "non_subscribed": 25, "unsubscribed": 9, "pending": 4}


@dataclass(frozen=True, slots=True)
class Place:
    """Where people have certain names."""

    locale: str
    share: int
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACES = {
    "de": Place(
        "de-DE",
        50,
        _words(
            "Anna Ben Clara David Emma Felix Greta Hannes Ida Jonas Katharina Lukas Mia Nele Oskar Paula Rieke Sophie "
            "Theo Ulrike Viktor Wiebke"
        ),
        _words(
            "Bauer Becker Brandt Fischer Graf Hartmann Hoffmann Jansen Keller Krüger Lange Maurer Neumann Richter "
            "Sauer Schäfer Schulz Vogel Weber Winkler Zimmermann"
        ),
    ),
    "fr": Place(
        "fr-FR",
        20,
        _words("Amélie Bastien Camille Damien Élodie Gaspard Hélène Jules Léa Margaux Nathan Océane Rémi Zoé"),
        _words("Bernard Chevalier Dubois Fournier Girard Lambert Lefèvre Marchand Moreau Perrin Renaud Roux"),
    ),
    "en": Place(
        "en-GB",
        20,
        _words("Alice Callum Daisy Edward Freya George Harriet Isla Jack Lily Oliver Poppy Rory Tilda"),
        _words("Archer Bennett Clarke Dawson Ellis Foster Hughes Marsh Palmer Reid Shaw Turner Walsh"),
    ),
    "pt": Place(
        "pt-BR",
        10,
        _words("Ana Beatriz Caio Débora Enzo Fernanda Gabriel Helena João Larissa Mateus Rafaela"),
        _words("Almeida Barbosa Cardoso Dias Ferreira Gonçalves Lima Monteiro Nogueira Ramos Souza"),
    ),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A name, an address, and what they said about mail."""

    place: str
    first_name: str
    last_name: str
    email: str
    consent: str


def people(chance: random.Random, count: int) -> Iterator[Person]:
    """Persons with different addresses."""
    taken: set[str] = set()
    while len(taken) < count:
        (place,) = chance.choices(list(PLACES), [place.share for place in PLACES.values()])
        first, last = chance.choice(PLACES[place].first_names), chance.choice(PLACES[place].last_names)
        name = _plain(f"{first}.{last}")
        email = f"{name}{chance.choice(('', '', chance.randrange(10, 99)))}@{chance.choice(DOMAINS)}"
        (consent,) = chance.choices(list(CONSENTS), list(CONSENTS.values()))
        if email not in taken:
            taken.add(email)
            yield Person(place, first, last, email, consent)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(character for character in decomposed if character.isascii())
