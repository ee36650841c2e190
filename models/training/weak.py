"""Distant supervision: feelings of quotes and sentences of public-domain books.

A quote is labelled by how its tag says it was spoken, and shown without the tag. A narrative
sentence is labelled by a word that names a feeling or its bodily sign; the word is hidden
half the time, so that the network learns from the rest of the sentence.
"""

import re
from pathlib import Path

import tokens
from data import Window, one_hot
from network import FEELINGS

TAGS = {
    "anger": r"angrily|furiously|savagely|fiercely|crossly|irritably|indignantly|snapped|snarled|stormed|thundered|"
    r"in a rage|in (?:great )?anger|wrathfully|growled|hotly|with fury|roared|sharply",
    "disgust": r"in disgust|with disgust|disgustedly|contemptuously|with contempt|scornfully|with scorn|disdainfully|"
    r"sneered|with loathing|with a sneer|with a grimace|in contempt",
    "fear": r"in terror|in alarm|fearfully|nervously|in fright|with a shudder|anxiously|timidly|tremblingly|"
    r"in a trembling voice|with alarm|shuddering|in horror|trembling|faltered|in dismay",
    "joy": r"joyfully|happily|cheerfully|merrily|gaily|laughing|laughed|with delight|delightedly|with a smile|smiling|"
    r"gleefully|with a laugh|chuckled|tenderly|fondly|gratefully|beaming|brightly|joyously",
    "sadness": r"sadly|sobbed|wept|mournfully|sorrowfully|with a sob|sobbing|in tears|weeping|with a sigh|sighed|"
    r"miserably|despairingly|wearily|gloomily|dolefully|brokenly|bitterly weeping",
    "surprise": r"in surprise|in amazement|in astonishment|with astonishment|in bewilderment|incredulously|"
    r"with surprise|in wonder|amazed|astonished|gasped|in great surprise|wonderingly",
}
SIGNS = {
    "anger": r"furious|enraged|angry|anger|rage|fury|wrath|indignant|indignation|clenched (?:his|her) fists?|scowled|"
    r"stamped (?:his|her) foot|glared|infuriated|exasperated",
    "disgust": r"disgust|disgusted|loathing|revolted|revolting|nauseated|sickening|stench|loathsome|contempt|disgusting|"
    r"repulsive|filthy|foul|vile|nauseous",
    "fear": r"terror|terrified|afraid|frightened|fear|dread|trembled|shuddered|horror|alarm|panic|shivered|"
    r"anxiety|scared|dreaded|cowered",
    "joy": r"joy|joyful|delighted|delight|laughed|laughing|smiled|happy|happiness|merry|cheerful|rejoiced|glad|"
    r"kissed|gladness|embraced|chuckled",
    "sadness": r"wept|weeping|sobbed|sobbing|tears|sorrow|grief|miserable|sad|mourned|lonely|despair|heart-broken|"
    r"melancholy|wretched|sorrowful|homesick",
    "surprise": r"astonished|astonishment|amazed|amazement|surprised|surprise|startled|bewildered|thunderstruck|"
    r"dumbfounded|stared in|wonderment|unexpectedly|incredulous",
}
NEGATED = re.compile(r"\b(?:not|no|never|without|nor|hardly|n't|neither)\b(?:\W+\w+){0,4}\W*$", re.I)
QUOTE = re.compile(r"[“\"]([^“”\"]{8,240})[”\"]\s*((?:\w+\W+){0,2}?\w*)([^“”\".!?;]{0,60})")
SENTENCE = re.compile(r"[^.!?“”\"]{30,220}[.!?]")


def compiled(families):
    return {name: re.compile(rf"\b(?:{words})\b", re.I) for name, words in families.items()}


def matches(families, text):
    return {name: m for name, pattern in families.items() if (m := pattern.search(text))}


def windows(books, rng, quotes_each, sentences_each, plain):
    """Balanced windows from every book: so many quotes and sentences a feeling, and plain sentences."""
    tags, signs = compiled(TAGS), compiled(SIGNS)
    spoken = {f: [] for f in TAGS}
    told = {f: [] for f in SIGNS}
    calm = []
    for path in sorted(Path(books).glob("*.txt")):
        text = re.sub(r"\s+", " ", path.read_text(encoding="utf-8", errors="replace"))
        for m in QUOTE.finditer(text):
            found = matches(tags, m.group(2) + m.group(3))
            if len(found) == 1:
                spoken[next(iter(found))].append(m.group(1))
        for m in SENTENCE.finditer(text):
            sentence = m.group(0).strip()
            found = matches(signs, sentence)
            if not found and rng.random() < 0.05 and not matches(tags, sentence):
                calm.append(sentence)
            elif len(found) == 1:
                name, sign = next(iter(found.items()))
                if not NEGATED.search(sentence[: sign.start()]):
                    told[name].append((sentence, sign))
    for name in TAGS:
        label = one_hot({FEELINGS.index(name)})
        for quote in rng.sample(spoken[name], min(quotes_each, len(spoken[name]))):
            yield window([quote[a:b] for a, b in tokens.words(quote)], label)
        for sentence, sign in rng.sample(told[name], min(sentences_each, len(told[name]))):
            hide = rng.random() < 0.5
            words = [
                "[MASK]" if hide and sign.start() <= a and b <= sign.end() else sentence[a:b]
                for a, b in tokens.words(sentence)
            ]
            yield window(words, label)
    for sentence in rng.sample(calm, min(plain, len(calm))):
        yield window([sentence[a:b] for a, b in tokens.words(sentence)], one_hot({FEELINGS.index("neutral")}))


def window(words, label):
    return Window(words, [(0, len(words), label)], "story")
