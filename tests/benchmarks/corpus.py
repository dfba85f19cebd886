"""Articles by the thousand, in the layout of the seeds, the same each time.

About 11 kB a file, as the seeds have; or about 1.4 kB, as the news of the site they come from has:
without related items.
"""

from __future__ import annotations

import random
from pathlib import Path
from string import ascii_letters, digits
from typing import Final

PROVIDERS: Final = 38
TOPICS: Final = 20
DECLARED: Final = 40
"""Topics of the set that a site may have: the others have no article."""
ROOTS: Final = 5
"""Topics of the set without a parent; every other has one, which has five."""
RELATED_PER_ARTICLE: Final = 9.2
POOL: Final = 0.4
"""Related items there are for each one drawn: each is used about two and a half times."""
WITH_AMP: Final = 0.77
WITH_IMAGE: Final = 0.96
"""Of the seeds' 56 works, 43 have an AMP page; of their related items, 96 in 100 have an image."""

_WORDS: Final = """
    facial recognition police software privacy bias law company announced technology public
    surveillance city council vote research people rights federal agency contract moratorium
    camera “accuracy” study researchers said on Monday’s report — critics
""".split()


def generate(folder: Path, articles: int, *, small: bool = False, declared: bool = False) -> None:
    """Write `articles` files into a folder. The same number gives the same bytes.

    `declared`: with a file for each topic of a set, which makes a tree.
    """
    chance = random.Random(articles)  # noqa: S311 - a corpus, not a secret
    folder.mkdir(parents=True, exist_ok=True)
    pool = max(1, int(articles * RELATED_PER_ARTICLE * POOL))
    for number in range(articles):
        drawn = chance.randint(3, 15) + (chance.random() < RELATED_PER_ARTICLE % 1)
        related = chance.sample(range(pool), min(pool, drawn))
        text = _article(number, chance, small=small)
        if not small:
            text += "related:\n" + "".join(_related(one) for one in related)
        path = folder / f"{number // 1000:03}" / f"{number:06}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\n{text}\nsecured: {_secret(chance)}\n---\n", encoding="utf-8")
    for number in range(DECLARED if declared else 0):
        path = folder / "_data" / "topics" / f"topic-{number}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_topic(number), encoding="utf-8")


def _article(number: int, chance: random.Random, *, small: bool) -> str:
    topics = "".join(f"  - Topic {one}\n" for one in sorted(chance.sample(range(TOPICS), 2)))
    fields = _fields(f"own-{number}", number, chance, amp=not small and chance.random() < WITH_AMP)
    image = _image(f"own-{number}", chance)
    return (
        f"category: news\n{fields}heat: -1\npublished: {'true' if number % 3 else 'false'}\n"
        f"\n{_provider(number)}\ntopics:\n{topics}\nimages:\n  {image}\n"
    )


def _topic(number: int) -> str:
    parent = f"parent: Topic {number // 5 - 1}\n" if number >= ROOTS else ""
    return f"taxonomy: topic\nname: Topic {number}\nshortname: T{number}\n{parent}"


def _related(number: int) -> str:
    chance = random.Random(number)  # noqa: S311 - the same item wherever it is used
    amp = chance.random() < WITH_AMP
    item = _fields(f"pool-{number}", number, chance, amp=amp) + _provider(number)
    if chance.random() < WITH_IMAGE:
        item += "images:\n  " + _image(f"pool-{number}", chance)
    lines = item.splitlines()
    return f"  - {lines[0]}\n" + "".join(f"    {line}\n" for line in lines[1:])


def _fields(name: str, number: int, chance: random.Random, *, amp: bool) -> str:
    host = f"www.provider{number % PROVIDERS}.com"
    path = f"2020/{number % 12 + 1:02}/{name}-{'-'.join(chance.choices(_WORDS[:8], k=6))}"
    moment = f"2020-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00Z"
    cache = f"https://{host.replace('.', '-')}.cdn.ampproject.org/c/s"
    accelerated = (
        f'ampWebUrl: "https://{host}/{path}/amp/"\ncdnAmpWebUrl: "{cache}/{host}/{path}/amp/"\n'
    )
    return (
        f'title: "{_sentence(chance, 11)} {number}"\n'
        f'excerpt: "{_sentence(chance, 41)}"\n'
        f"publishedDateTime: {moment}\n"
        f'webUrl: "https://{host}/{path}/"\n'
        f"{accelerated if amp else ''}type: article\nquality: {chance.randint(5, 90)}\n"
    )


def _provider(number: int) -> str:
    which = number % PROVIDERS
    return f"provider:\n  name: Provider {which}\n  domain: provider{which}.com\n"


def _image(name: str, chance: random.Random) -> str:
    return (
        f'- url: "https://cdn.example.com/images/{name}.jpg?w=1200&fit=crop"\n'
        f"    width: {chance.choice([640, 860, 1200, 1600])}\n"
        f"    height: {chance.choice([360, 484, 630, 900])}\n    isCached: true\n"
    )


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize()


def _secret(chance: random.Random) -> str:
    alphabet = f"{ascii_letters}{digits}+/"
    body, check = (chance.choices(alphabet, k=length) for length in (480, 22))
    return f'"{"".join(body)};{"".join(check)}=="'
