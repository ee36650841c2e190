"""Words of English text, split as Universal Dependencies' English treebanks split them.

The twin of `nlp/networks/src/tokens.rs`: both must give the same words, and both are checked against
`nlp/networks/tests/data/tokens.txt`.
"""

import unicodedata

APOSTROPHES = "'’‘`"
CLITICS = ("n't", "'s", "'ll", "'ve", "'re", "'m", "'d")
LEADING_CONTRACTIONS = ("'em", "'tis", "'twas", "'twere", "'twill", "'til", "'cause", "'bout", "'un", "'n")
SPLIT_WORDS = {
    "cannot": 3, "gonna": 3, "gotta": 3, "wanna": 3, "outta": 3, "lemme": 3, "gimme": 3,
    # Written without their apostrophe
    "dont": 2, "didnt": 3, "doesnt": 4, "isnt": 2, "wasnt": 3, "havent": 4, "hasnt": 3, "hadnt": 3, "arent": 3,
    "couldnt": 5, "wouldnt": 5, "shouldnt": 6, "cant": 2, "im": 1, "ive": 1, "youre": 3, "theyre": 4, "thats": 4,
    "whats": 4, "theres": 5, "wont": 2, "aint": 2, "alot": 1,
}
# Marks that belong together when the same one stands next to them: ..., --, $$$, ''
RUNS = ".-*=_~$<>+/\\" + APOSTROPHES
# Letters that are a word of their own behind a number: 5 pm, 35 mm
UNITS = frozenset("am pm a.m p.m mm cm km kg k m ft gb mb lb lbs hrs hr min p yr yrs mph".split())
ABBREVIATIONS = frozenset(
    "mr. mrs. ms. dr. st. jr. sr. prof. rev. hon. capt. col. gen. lt. sgt. maj. cmdr. gov. sen. rep. pres. "
    "messrs. mme. mlle. esq. co. inc. ltd. corp. bros. vs. etc. ft. mt. jan. feb. mar. apr. aug. sept. sep. "
    "oct. nov. dec. no. vol. fig. dept. est.".split()
)
PREFIXES = frozenset(
    "e co pre non anti re un post ex semi multi inter sub counter mid over under ultra vice bi tri".split()
)
EMOTICONS = frozenset(":) :( ;) :D :P :-) :-( ;-) :-D ;D :'( <3 ^_^ =) =(".split())


def is_word(c):
    return c.isalnum()


def plain(text):
    """Lower case, with every apostrophe written the same way."""
    return "".join("'" if c in APOSTROPHES else c for c in text.lower())


def words(text):
    """The words of `text` as `(start, end)` character offsets, in order."""
    found = []
    at = 0
    for end in range(len(text) + 1):
        if end == len(text) or text[end].isspace():
            if end > at:
                chunk(text, at, end, found)
            at = end + 1
    return found


def chunk(text, start, end, found):
    """Splits what stands between two spaces."""
    if text[start:end] in EMOTICONS:
        found.append((start, end))
        return
    start = leading_marks(text, start, end, found)
    if start == end:
        return
    if text[end - 1] == "/" and is_address(text[start:end]):
        found.append((start, end))
        return
    tail = []
    end = trailing_marks(text, start, end, tail)
    if is_address(text[start:end]):
        found.append((start, end))
    else:
        core(text, start, end, found)
    found.extend(reversed(tail))


def run_end(text, at, end):
    """The end of the run of marks that belong together from `at` on: `...`, `--`, `?!`."""
    c = text[at]
    stop = at + 1
    if c in RUNS:
        while stop < end and text[stop] == c:
            stop += 1
    elif c in "!?":
        while stop < end and text[stop] in "!?":
            stop += 1
    return stop


def leading_marks(text, start, end, found):
    while start < end and not is_word(text[start]):
        rest = plain(text[start:end])
        if rest[0] == "'" and (clitic_length(rest) or contraction_length(rest)):
            break
        stop = run_end(text, start, end)
        found.append((start, stop))
        start = stop
    return start


def clitic_length(rest):
    """How long the clitic is that `rest` consists of, before anything that is not a word."""
    for clitic in CLITICS:
        if rest.startswith(clitic) and (len(rest) == len(clitic) or not is_word(rest[len(clitic)])):
            return len(clitic)
    return 0


def contraction_length(rest):
    for word in LEADING_CONTRACTIONS:
        if rest.startswith(word) and (len(rest) == len(word) or not is_word(rest[len(word)])):
            return len(word)
    return 0


def trailing_marks(text, start, end, tail):
    while end > start and not is_word(text[end - 1]):
        if text[end - 1] == "." and keeps_period(text[start:end]):
            break
        at = end - 1
        if text[at] in RUNS:
            while at - 1 > start and text[at - 1] == text[at]:
                at -= 1
        elif text[at] in "!?":
            while at - 1 > start and text[at - 1] in "!?.:,;" and not (
                text[at - 1] == "." and keeps_period(text[start:at])
            ):
                at -= 1
        tail.append((at, end))
        end = at
    return end


def keeps_period(word):
    """Whether the period at the end of `word` is part of it."""
    lower = word.lower()
    if lower in ABBREVIATIONS:
        return True
    body = lower[:-1]
    if len(body) == 1:
        return body.isalpha() and word[0].isupper() and word[0] != "I"
    # U.S., a.m., C.C.H.
    letters = body.split(".")
    return len(letters) > 1 and all(len(letter) == 1 and letter.isalpha() for letter in letters)


def is_address(word):
    if "://" in word or word.lower().startswith("www."):
        return True
    at = word.find("@")
    return at > 0 and "." in word[at:] and all(is_word(c) or c in "@._-+" for c in word)


def core(text, start, end, found):
    """Splits a chunk that begins with a word, and ends with one or with its own period."""
    at = start
    i = start
    while i < end:
        c = text[i]
        if is_word(c) or i == start:
            i += 1
            continue
        stop = run_end(text, i, end)
        if stop < end and breaks(text, start, at, i, stop, end):
            word(text, at, i, found)
            found.append((i, stop))
            at = stop
            # A mark may follow the mark: said,"no
            while at < end and not is_word(text[at]):
                stop = run_end(text, at, end)
                found.append((at, stop))
                at = stop
            i = at
        i = max(i + 1, stop) if stop > i else i + 1
    if at < end:
        word(text, at, end, found)


def breaks(text, start, at, i, stop, end):
    """Whether the marks `i..stop` inside a chunk stand between two words."""
    before, after = text[i - 1], text[stop] if stop < end else " "
    c = text[i]
    if c in APOSTROPHES or c in "&@_":
        return False
    if not is_word(after):
        return True
    digits = before.isdigit() and after.isdigit()
    if c == "-":
        if stop - i > 1:
            return True
        return not digits and text[at:i].lower() not in PREFIXES
    if c in "/,:.":
        if c == "." and stop - i == 1:
            return before.islower() and after.isupper()
        return not digits
    return True


def word(text, start, end, found):
    """A word, its clitic apart: do n't, fox 's, can not."""
    if start == end:
        return
    rest = plain(text[start:end])
    if rest in SPLIT_WORDS:
        cut = start + SPLIT_WORDS[rest]
        found.extend([(start, cut), (cut, end)])
        return
    if rest[0].isdigit():
        behind = rest.lstrip("0123456789.,:")
        if behind == "'s":  # the 60's
            found.append((start, end))
            return
        if behind.rstrip(".") in UNITS:
            cut = end - len(behind)
            found.extend([(start, cut), (cut, end)])
            return
    for clitic in CLITICS:
        if rest.endswith(clitic) and len(rest) > len(clitic):
            cut = end - len(clitic)
            found.extend([(start, cut), (cut, end)])
            return
    found.append((start, end))


CASINGS = 5


def casing(word):
    """How a word is written: 0 no letters, 1 lower, 2 Capital, 3 CAPITALS, 4 miXed."""
    letters = [c for c in word if c.isupper() or c.islower()]
    if not letters:
        return 0
    if all(c.islower() for c in letters):
        return 1
    if letters[0].isupper() and all(c.islower() for c in letters[1:]):
        return 2
    if all(c.isupper() for c in letters):
        return 3
    return 4


def normalize(word):
    """Lower case without accents and control characters, as BERT's uncased vocabulary expects."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    return "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cc", "Cf"))


class Pieces:
    """Greedy longest-match word pieces over a vocabulary, one word at a time."""

    def __init__(self, vocabulary):
        self.vocabulary = vocabulary
        self.ids = {piece: i for i, piece in enumerate(vocabulary)}
        self.unknown = self.ids["[UNK]"]
        self.start = self.ids["[CLS]"]
        self.end = self.ids["[SEP]"]
        self.pad = self.ids["[PAD]"]
        self.known = {}

    @staticmethod
    def is_mark(c):
        return not c.isalnum()

    def of(self, word):
        """The piece ids of one word, at least one."""
        if word in self.known:
            return self.known[word]
        if word == "[MASK]":
            return [self.ids[word]]
        ids = []
        run = ""
        for c in normalize(word):
            if self.is_mark(c):
                ids += self.of_run(run) if run else []
                ids += self.of_run(c)
                run = ""
            else:
                run += c
        ids += self.of_run(run) if run else []
        ids = ids or [self.unknown]
        self.known[word] = ids
        return ids

    def of_run(self, run):
        ids, at = [], 0
        if len(run) > 100:
            return [self.unknown]
        while at < len(run):
            end = len(run)
            while end > at:
                piece = ("##" if at else "") + run[at:end]
                if piece in self.ids:
                    break
                end -= 1
            if end == at:
                return [self.unknown]
            ids.append(self.ids[piece])
            at = end
        return ids
