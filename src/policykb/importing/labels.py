"""Labels before a value (发布日期：……) and heads of columns, by the field that they stand for.

They are the Chinese keys of `policykb.domain.policy.FIELDS` and those of ``documents.toml``, which has also labels of
what is no field of an entry: signed (成文日期), subject, index, validity, summary, ordinal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from policykb.domain.policy import FIELDS
from policykb.domain.wording import HAN, words


def label_key(text: str) -> str | None:
    """The field that a label or a column's head stands for (发 文 机 关：: issuers), None where it is none."""
    return label_keys().get("".join(text.split()).strip("：:【】[]"))


def review_values(text: str) -> dict[str, str]:
    """As `labelled_values`, for a review, in which who publishes a document is who issued it."""
    return {key.replace("publisher", "issuers"): value for key, value in labelled_values(text)}


def labelled_values(text: str) -> Iterator[tuple[str, str]]:
    """The fields and values in a line such as 发布日期：2024-01-10 发布机构：生态环境部."""
    labels = list(_label().finditer(text))
    ends = [*(label.start() for label in labels[1:]), len(text)]
    for label, end in zip(labels, ends, strict=False):
        yield (
            label_keys()["".join((label["boxed"] or label["plain"] or label["strong"]).split())],
            text[label.end() : end].strip(" \t\u3000，,；;"),
        )


@cache
def label_keys() -> Mapping[str, str]:
    """Every label, without spaces -> the field."""
    listed = words()["labels"]
    ours = {key: one.name for one in FIELDS if one.name in listed for key in one.all_keys if not key.isascii()}
    return ours | {"".join(word.split()): key for key, found in listed.items() for word in found}


@cache
def _label() -> re.Pattern[str]:
    spaced = (r"\s{0,4}".join(map(re.escape, label)) for label in sorted(label_keys(), key=len, reverse=True))
    either = "|".join(spaced)
    strong = "|".join(label for label in words()["official"]["strong"] if label in label_keys())  # after any character
    alone = rf"(?<![{HAN}])(?:【(?P<boxed>{either})】[：:]?|(?P<plain>{either})\s*[：:])"
    return re.compile(rf"{alone}|(?P<strong>{strong})\s*[：:]")
