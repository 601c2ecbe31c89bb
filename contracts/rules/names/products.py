"""Products and sectors whose names are made of everyday words, as "Swift UI" and "public sector" are.

A story that mentions SWIFT and another that mentions data do not show them: such a name is known only where stories
have it whole.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_PRODUCTS: Final = """
    react native, spring boot, spring cloud, spring batch, power apps, power automate, power point, power shell,
    power query, visual basic, visual studio, core data, material ui, swift ui, ruby on rails, node js, vue js,
    three js, next js, d3 js, objective c, c sharp, unreal engine, game maker, data studio, data factory, data bricks,
    data dog, data stage, data robot, big query, big table, red shift, service now, sales force, work day, new relic,
    elastic search, open shift, open stack, open api, open search, cloud formation, cloud flare, cloud foundry,
    cloud run, cloud watch, web assembly, web logic, web sphere, web methods, type script, java script, java fx,
    lotus notes, rabbit mq, active mq, ibm mq, google cloud, google analytics, azure devops, github actions, git lab,
    git hub, android studio, after effects, final cut, pro tools, logic pro, logic apps, tailwind css, key cloak,
    event bridge, event grid, event hubs, step functions, log stash, signal fx, air flow, air table, apache beam,
    apache spark, apache pulsar, spark streaming, delta lake, lake formation, crystal reports, business objects,
    share point, active directory, site core, sap hana, oracle apex, oracle forms, mongo db, click house, cockroach db,
    dynamo db, cosmos db, service bus, app engine, app sheet, app dynamics, pub sub, kotlin multiplatform,
    jetpack compose, docker swarm, docker compose, play framework, code igniter, magic leap, hugging face, lang chain,
    stable diffusion, mid journey, chat gpt, vertex ai, sage maker, auto cad, solid works, photo shop, blue prism,
    ui path, automation anywhere, guide wire, duck creek, mule soft, adobe experience manager, marketing cloud,
    snow flake, master data services, team city, test complete, load runner, quick sight, quick books, free pascal,
    public sector, real estate, micro strategy, micro focus, no sql, new sql, time scale, influx db,
    block chain, xcode cloud
"""
_WORD: Final = re.compile(r"[^\W_]+")
_NAMES: Final = [tuple(name.split()) for name in _PRODUCTS.split(",")]
_JOINED: Final = frozenset("".join(name) for name in _NAMES)
_BY_FIRST: Final = {first: [name for name in _NAMES if name[0] == first] for first in {name[0] for name in _NAMES}}


def named_products(text: str) -> Iterator[tuple[str, str]]:
    """Products that a text names: each as one word in lower case, and as the text writes it."""
    found = list(_WORD.finditer(text))
    shown = [match[0].casefold() for match in found]
    for place, word in enumerate(shown):
        if word in _JOINED:
            yield word, found[place][0]
        for name in _BY_FIRST.get(word, ()):
            if tuple(shown[place : place + len(name)]) == name:
                yield "".join(name), text[found[place].start() : found[place + len(name) - 1].end()]


def products_in(texts: Iterable[str]) -> set[str]:
    """The products that some texts name, each as one word in lower case."""
    return {joined for text in texts for joined, _ in named_products(text)}
