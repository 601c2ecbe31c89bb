"""What the industries functions must answer, worked out the slow and obvious way."""

from collections.abc import Iterable, Sequence
from typing import Any

from contracts.industries import industry_slug
from contracts.rules.metrics import find_metrics, story_metrics
from contracts.story import Story

AGGREGATES = (
    "multiple clients",
    "various clients",
    "fortune 500 clients",
    "independent project",
    "independent projects",
)
KINDS = ["percent", "multiple", "money", "count"]


def belonging(corpus: Sequence[Story], slug: str) -> list[Story]:
    found = [s for s in corpus if s.industry != "" and s.theme != "Professional Narrative"]
    return sorted((s for s in found if industry_slug(s.industry) == slug), key=lambda s: s.id)


def counted(values: Iterable[str]) -> list[tuple[str, int]]:
    """Distinct values, the most frequent first, then in plain string order."""
    every = list(values)
    return sorted(((value, every.count(value)) for value in set(every)), key=lambda pair: (-pair[1], pair[0]))


def slugs_of(corpus: Sequence[Story]) -> set[str]:
    return {industry_slug(s.industry) for s in corpus if s.industry and belonging([s], industry_slug(s.industry))}


def name_of(found: Sequence[Story]) -> str:
    return counted(s.industry for s in found)[0][0]


def listed(corpus: Sequence[Story]) -> list[dict[str, Any]]:
    entries = []
    for slug in slugs_of(corpus):
        found = belonging(corpus, slug)
        entries.append({"name": name_of(found), "slug": slug, "stories": len(found)})
    return sorted(entries, key=lambda entry: (-entry["stories"], entry["name"]))


def competent(corpus: Sequence[Story]) -> list[dict[str, Any]]:
    found = [s for slug in slugs_of(corpus) for s in belonging(corpus, slug)]
    return [
        {"name": name, "stories": sum(name in s.competencies for s in found)}
        for name, _ in sorted(
            {(name, -sum(name in s.competencies for s in found)) for s in found for name in s.competencies if name},
            key=lambda pair: (pair[1], pair[0]),
        )
    ]


def detailed(corpus: Sequence[Story], slug: str) -> dict[str, Any]:
    found = belonging(corpus, slug)
    clients = [
        {"name": name, "stories": count, "aggregate": name.casefold() in AGGREGATES}
        for name, count in counted(s.client for s in found if s.client)
    ]
    years = sorted(int(date.split("-")[0]) for s in found for date in (s.start_date, s.end_date) if date)
    return {
        "name": name_of(found),
        "slug": slug,
        "stories": len(found),
        "clients": [c for c in clients if not c["aggregate"]] + [c for c in clients if c["aggregate"]],
        "first_year": years[0] if years else None,
        "last_year": years[-1] if years else None,
        "metrics": sum(len(story_metrics(s)) for s in found),
        "strongest": strongest_lines(found),
    }


def strongest_lines(found: Sequence[Story]) -> list[dict[str, Any]]:
    best = []
    for s in found:
        candidates = [
            (KINDS.index(metric.kind.value), -metric.value, number, line)
            for number, line in enumerate([*s.performance, *s.result])
            for metric in find_metrics(line)
        ]
        if candidates:
            kind, value, _, line = sorted(candidates)[0]
            best.append((kind, value, s.id, {"story_id": s.id, "title": s.title, "line": plain(line)}))
    return [shown for *_, shown in sorted(best, key=lambda entry: entry[:3])][:6]


def plain(line: str) -> str:
    line = line.strip()
    return line[2:].strip() if line[:2] in ("- ", "* ", "• ") else line


def categorised(corpus: Sequence[Story], slug: str) -> dict[str, Any]:
    found = belonging(corpus, slug)
    groups = []
    for capability, count in counted(s.capability for s in found if s.capability):
        group = [s for s in found if s.capability == capability]
        groups.append(
            {
                "name": capability,
                "tier": "Core" if count >= 3 else "Specialized",
                "stories": count,
                "clients": len({s.client for s in group} - {""}),
                "tags": tags_of(group),
            }
        )
    return {"name": name_of(found), "slug": slug, "categories": groups}


def tags_of(group: Sequence[Story]) -> list[str]:
    """Each tag under the spelling of the first story that carries it, five at most."""
    every = [tag for s in group for tag in s.tags]
    spelled = [next(first for first in every if first.casefold() == tag.casefold()) for tag in every]
    return [tag for tag, _ in counted(spelled)][:5]
