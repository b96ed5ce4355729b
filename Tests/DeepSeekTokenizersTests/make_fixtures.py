"""Trains small tokenizers with the reference library and records what it makes of many texts.

    pip install tokenizers==0.23.3
    python make_fixtures.py [--minilm DIR]

Each fixture is NAME.json, a tokenizer.json, and NAME.expected.json, what the reference library answers for the texts
of texts.json. With --minilm the ids of sentences.json under all-MiniLM-L6-v2's tokenizer are recorded as well.
"""

import argparse
import base64
import json
import random
import struct
from pathlib import Path

from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers,
)

FOLDER = Path(__file__).parent / "Fixtures"

TEXTS = [
    "",
    " ",
    "Hello, world!",
    "It's a dog's life; don't you think so? I'll say we've done it, they're here, I'd go, I'm IN'S.",
    "  héllo  world\n\t123 日本 🙂 ",
    "Café naïve Ångström ŒUVRE Cafe\u0301 nai\u0308ve A\u030a e\u0301\u0323 o\u0323\u0302",
    "👨‍👩‍👧‍👦 👩🏽‍💻 🏳️‍🌈 🇫🇷🇩🇪 1️⃣",
    "東京特許は日本にあります。機械、学習！ 中文分词：我爱北京。",
    "한국어 문장. \u1112\u1161\u11ab\u1100\u1173\u11af",
    "مرحبا بالعالم، ١٢٣ العَرَبِيَّة",
    "नमस्ते दुनिया, क्षत्रिय हिन्दी १२३ สวัสดี ๑๒",
    "Привет, мир! Ёлки ЙОД Γειά ΑΣ ΐΰ בְּרֵאשִׁית tiếng Việt ặệ",
    "İstanbul IĞDIR ﬁne ½ ² ③ ㌔ ｶﾞ Ｆｕｌｌ ℌ ™ … ㍿",
    "tab\tnl\ncrlf\r\nvt\x0bff\x0cnel\x85ls\u2028nbsp\u00a0ideo\u3000zw\u200bbom\ufeffthin\u2009.",
    "nul\x00soh\x01del\x7frepl\ufffdlrm\u200eshy\u00ad",
    "a  b   c    \n\n  d \n",
    "https://example.com/p?q=1&b=%20x user.name+tag@example.co.uk",
    "def f(x: int) -> str:\n    return f\"{x:>10}\"  # note\n",
    "1234567890 3.14159 1,000 1e10 0xFF 12:34 2024-02-29 $99 50%",
    "x" * 40 + " " + "é" * 21,
    "!!!???...---___((([[{{<<>>",
    "hello<|end|>world <s>x</s>  <mask>  b[MASK]c foo<tok> tokfoo tok foo-tok-bar ÉTOK étok.",
    "▁meta▁space ▁ ▁▁x Ġbyte Ċ Ã© ##x",
    "“Smart” ‘q’ — em–en «g» ¿Qué?",
    "the quick brown fox jumps over the lazy dog, the quick brown fox",
    "mixed日本languageТекстwithالعربيةwords 1a2b3c",
    "A\u200dB \u0301start a\u0300\u0316\u0301",
    "new\r\nline\rcr\n\n",
]

CORPUS = [
    "the quick brown fox jumps over the lazy dog",
    "she sells sea shells by the sea shore, and the shells that she sells are sea shells, I'm sure",
    "it's a dog's life; don't you think so? they're here, we've done it, I'll go",
    "Café naïve Ångström façade déjà vu über straße",
    "日本語の文章です。機械学習と深層学習。東京は日本にあります",
    "中文分词 我爱北京天安门 今天天气不错 学习机器",
    "Привет мир как дела мир труд май",
    "مرحبا بالعالم كيف حالك العالم",
    "नमस्ते दुनिया हिन्दी भाषा",
    "def function(argument): return argument + 1 for i in range(10)",
    "https://example.com/path user@example.com 2024-02-29 12:34 1234567890 3.14",
    "hello world hello there world of worlds, other worlds",
] * 4


def charsmap(rules):
    """A SentencePiece character map: a double-array trie and the replacement texts."""
    blob = b""
    places = {}
    for text in rules.values():
        if text not in places:
            places[text] = len(blob)
            blob += text.encode() + b"\0"
    trie = {}
    for key, text in rules.items():
        node = trie
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[None] = places[text]
    units = [0] * 4096
    used = {0}

    def place(node, index):
        labels = [0 if label is None else label for label in node]
        base = 1
        # The trie's format has an offset of 21 bits, or fewer with a coarser scale; small ones fit.
        while any((base ^ label) in used or (base ^ label) >= 4096 for label in labels) or base in used:
            base += 1
        used.update(base ^ label for label in labels)
        units[index] |= (index ^ base) << 10
        if None in node:
            units[index] |= 1 << 8
            units[base] = node[None] | 1 << 31
        for label, child in node.items():
            if label is not None:
                units[base ^ label] |= label
                place(child, base ^ label)

    place(trie, 0)
    packed = struct.pack("<%dI" % len(units), *units)
    return struct.pack("<I", len(packed)) + packed + blob


MAP = charsmap({
    "ﬁ": "fi", "½": "1/2", "²": "2", "…": "...", "\u3000": " ", "\u00a0": " ", "e\u0301": "é", "\u200b": "",
    "\x01": "", "㌔": "キロ", "ｶﾞ": "ガ", "ℌ": "H", "\t": " ", "\n": " ",
})


def trained(model, trainer, normalizer=None, pre=None, post=None, decoder=None):
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.train_from_iterator(CORPUS, trainer)
    if post:
        tokenizer.post_processor = post
    if decoder:
        tokenizer.decoder = decoder
    return tokenizer


def bpe(pre, *, size=380, model=None, byte_level=False, special=("<unk>", "<s>", "</s>"), **others):
    alphabet = pre_tokenizers.ByteLevel.alphabet() if byte_level else []
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False)
    return trained(model or models.BPE(), trainer, pre=pre, **others)


def word_piece(normalizer, pre, **others):
    trainer = trainers.WordPieceTrainer(
        vocab_size=300, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[MASK]", "[PAD]"], show_progress=False)
    return trained(models.WordPiece(unk_token="[UNK]"), trainer, normalizer, pre, **others)


def unigram(normalizer, pre, **others):
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False)
    return trained(models.Unigram(), trainer, normalizer, pre, **others)


GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
DEEPSEEK = [
    r"\p{N}{1,3}", r"[一-龥\u3040-ゟ゠-ヿ]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"]


def byte_level_split(pattern):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def template():
    return processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])


def fixtures():
    p, n = pre_tokenizers, normalizers
    yield "wordpiece_bert", word_piece(
        n.BertNormalizer(), p.BertPreTokenizer(), post=template(), decoder=decoders.WordPiece())
    cased = word_piece(
        n.BertNormalizer(lowercase=False, strip_accents=False, handle_chinese_chars=False), p.BertPreTokenizer(),
        post=processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1)), decoder=decoders.WordPiece(cleanup=False))
    cased.enable_truncation(12, stride=3)
    cased.enable_padding(pad_id=4, pad_token="[PAD]", length=16)
    yield "wordpiece_cased_truncated", cased
    left = word_piece(n.Sequence([n.NFD(), n.StripAccents(), n.Lowercase()]), p.Whitespace(), post=template())
    left.enable_truncation(9, stride=2, direction="left", strategy="only_first")
    left.enable_padding(direction="left", pad_to_multiple_of=8, pad_id=4)
    yield "wordpiece_left", left
    added = word_piece(
        n.BertNormalizer(), p.Sequence([p.WhitespaceSplit(), p.Digits(individual_digits=True), p.Punctuation()]))
    added.add_tokens([
        AddedToken("tok", single_word=True), AddedToken("<mask>", lstrip=True, normalized=False),
        AddedToken("<s>", rstrip=True), AddedToken("Étok", normalized=True), AddedToken("foo<tok>")])
    added.add_special_tokens([AddedToken("<|end|>", lstrip=True, rstrip=True)])
    yield "wordpiece_added", added

    level = p.ByteLevel(add_prefix_space=False)
    yield "bpe_gpt2", bpe(
        level, byte_level=True, special=("<|end|>",), post=processors.ByteLevel(trim_offsets=False),
        decoder=decoders.ByteLevel())
    yield "bpe_roberta", bpe(
        p.ByteLevel(add_prefix_space=True), byte_level=True,
        post=processors.RobertaProcessing(("</s>", 2), ("<s>", 1)), decoder=decoders.ByteLevel())
    for name, pattern in [("gpt2_regex", GPT2), ("llama3", LLAMA3), ("qwen2", QWEN2), ("o200k", O200K)]:
        others = {"normalizer": n.NFC()} if name == "qwen2" else {}
        yield f"bpe_{name}", bpe(
            byte_level_split(pattern), byte_level=True, model=models.BPE(ignore_merges=name == "llama3"),
            decoder=decoders.ByteLevel(), **others)
    deepseek = p.Sequence(
        [p.Split(Regex(pattern), "isolated") for pattern in DEEPSEEK] +
        [p.ByteLevel(add_prefix_space=False, use_regex=False)])
    yield "bpe_deepseek", bpe(deepseek, byte_level=True, post=processors.Sequence([
        processors.ByteLevel(trim_offsets=True),
        processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", 1)])]))
    bytes_special = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % byte for byte in range(256)]
    yield "bpe_llama_bytes", bpe(
        None, size=620, special=bytes_special,
        model=models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True),
        normalizer=n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")]),
        decoder=decoders.Sequence([
            decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]))
    yield "bpe_suffix", trained(
        models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"),
        trainers.BpeTrainer(
            vocab_size=300, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False),
        n.Sequence([n.NFKC(), n.Lowercase()]), p.Whitespace(), decoder=decoders.BPEDecoder("</w>"))
    yield "bpe_prefix", trained(
        models.BPE(unk_token="<unk>", continuing_subword_prefix="##", fuse_unk=True),
        trainers.BpeTrainer(
            vocab_size=300, special_tokens=["<unk>"], continuing_subword_prefix="##", show_progress=False),
        n.NFKD(), p.WhitespaceSplit())
    yield "bpe_scripts", bpe(p.Sequence([p.UnicodeScripts(), p.WhitespaceSplit()]), model=models.BPE(unk_token="<unk>"))
    yield "bpe_merged", bpe(
        p.Sequence([
            p.Split(" ", "merged_with_next"), p.Split(Regex("[0-9]+"), "merged_with_previous"),
            p.Split(Regex(r"\w+"), "contiguous", invert=True)]), model=models.BPE(unk_token="<unk>", fuse_unk=True))
    yield "bpe_punctuation", bpe(
        p.Sequence([p.Punctuation("contiguous"), p.Digits(), p.CharDelimiterSplit("a"), p.FixedLength(4)]),
        model=models.BPE(unk_token="<unk>"))

    yield "unigram_metaspace", unigram(
        n.Sequence([n.Nmt(), n.NFKC(), n.Replace(Regex(" {2,}"), " ")]), p.Metaspace(), decoder=decoders.Metaspace(),
        post=processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]))
    yield "unigram_first", unigram(
        n.Strip(), p.Metaspace(prepend_scheme="first", split=False), decoder=decoders.Metaspace())
    yield "unigram_charsmap", unigram(
        n.Sequence([n.Precompiled(MAP), n.Strip(left=False), n.Replace(Regex(r"\s+"), " ")]),
        p.Sequence([p.WhitespaceSplit(), p.Metaspace(prepend_scheme="never")]), decoder=decoders.Metaspace())
    fallback = unigram(n.NFC(), p.Metaspace())
    state = json.loads(fallback.to_str())
    state["model"]["vocab"] += [["<0x%02X>" % byte, -20.0] for byte in range(256)]
    state["model"]["byte_fallback"] = True
    yield "unigram_bytes", Tokenizer.from_str(json.dumps(state))
    level = trained(
        models.WordLevel(unk_token="<unk>"),
        trainers.WordLevelTrainer(vocab_size=200, special_tokens=["<unk>"], show_progress=False),
        n.Lowercase(), p.Whitespace(), decoder=decoders.CTC(pad_token="<unk>"))
    yield "wordlevel", level


def record(encoding):
    return {
        "ids": encoding.ids, "tokens": encoding.tokens, "offsets": [x for pair in encoding.offsets for x in pair],
        "types": "".join(map(str, encoding.type_ids)), "attention": "".join(map(str, encoding.attention_mask)),
        "special": "".join(map(str, encoding.special_tokens_mask)),
        "words": [-1 if word is None else word for word in encoding.word_ids],
        "overflowing": [record(part) for part in encoding.overflowing[:3]], "windows": len(encoding.overflowing)}


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def expected(tokenizer):
    cases = []
    for index, text in enumerate(TEXTS):
        pair = TEXTS[(index * 5 + 2) % len(TEXTS)] if index % 6 == 5 else None
        special = index % 4 != 3
        case = {"text": index, "special": special}
        if pair is not None:
            case["pair"] = TEXTS.index(pair)
        try:
            encoding = tokenizer.encode(text, pair, add_special_tokens=special)
            case["encoding"] = record(encoding)
            case["decoded"] = tokenizer.decode(encoding.ids, skip_special_tokens=False)
            case["plain"] = tokenizer.decode(encoding.ids, skip_special_tokens=True)
        except Exception as error:
            case["error"] = str(error)
        cases.append(case)
    return cases


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minilm", type=Path)
    arguments = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    write(FOLDER / "texts.json", TEXTS)
    for name, tokenizer in fixtures():
        write(FOLDER / f"{name}.json", json.loads(tokenizer.to_str()))
        write(FOLDER / f"{name}.expected.json", expected(Tokenizer.from_file(str(FOLDER / f"{name}.json"))))
    if arguments.minilm:
        tokenizer = Tokenizer.from_file(str(arguments.minilm / "tokenizer.json"))
        tokenizer.no_padding()
        sentences = json.loads((FOLDER / "sentences.json").read_text())
        write(FOLDER / "sentences.minilm.json", [tokenizer.encode(text).ids for text in sentences])


if __name__ == "__main__":
    main()
