"""Which network's variable the words of a sentence mean."""

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SAYS_NOTHING = frozenset({
    "model", "models", "net", "network", "nn", "my", "the", "clf", "classifier", "keras", "torch", "tf", "m", "n",
    "first", "final", "best", "new", "old", "trained", "with", "a", "b", "test", "train", "no", "without",
})  # fmt: skip
_ALSO = {
    "bn": r"bn|batch[- ]?norm\w*",
    "batchnorm": r"bn|batch[- ]?norm\w*",
    "norm": r"batch[- ]?norm\w*",
    "drop": r"dropout",
    "do": r"dropout",
    "reg": r"regulari[sz]ed",
    "l2": r"l2|weight[- ]decay",
    "wide": r"wide[r]?",
    "deep": r"deep(?:er)?",
    "small": r"small(?:er)?",
    "large": r"large[r]?",
    "conv": r"conv\w*|cnn",
    "cnn": r"cnn|conv\w* (?:net\w*|model)",
    "lenet": r"lenet(?:-?5)?",
    "1": r"(?:model|net|network)[ _-]?(?:1|one)|(?:first|1st) (?:model|net|network)",
    "2": r"(?:model|net|network)[ _-]?(?:2|two)|(?:second|2nd) (?:model|net|network)",
    "3": r"(?:model|net|network)[ _-]?(?:3|three)|(?:third|3rd) (?:model|net|network)",
}


def patterns(models: Iterable[str]) -> dict[str, re.Pattern[str]]:
    """Return how each network can be named in words, by its variable: words of the variable's name that no other one
    has. Networks without such a word are left out, since no sentence certainly means them."""
    words = {model: {word.lower() for word in _WORD.findall(model)} - _SAYS_NOTHING for model in models}
    count = Counter(word for own in words.values() for word in own)
    found = {}
    for model, own in words.items():
        telling = [_ALSO.get(word, re.escape(word)) for word in sorted(own) if count[word] == 1]
        telling = [word for word in telling if len(word) > 1]
        if telling:
            found[model] = re.compile(rf"\b(?:{'|'.join([*telling, re.escape(model)])})\b", re.IGNORECASE)
    return found


def named(text: str, patterns: dict[str, re.Pattern[str]]) -> str:
    """Return the variable of the only network that ``text`` names, or nothing."""
    found = [model for model, pattern in patterns.items() if pattern.search(text)]
    return found[0] if len(found) == 1 else ""
