"""PyTorch's side of `ds train lm`: the same small GPT-2 from the same weights, on the same blocks in the same order.

lm_torch.py make FOLDER TEXT: a tokenizer (byte-level BPE) of the text, a configuration and fresh weights, from a seed.
lm_torch.py train FOLDER TEXT REPORT: trains by the order of blocks that `ds train lm --json REPORT` wrote.
train prints one JSON object: {"losses", "tokens_per_second"}.
"""
import argparse
import json
import os
import time


def make(arguments):
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GPT2Config, GPT2LMHeadModel

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=arguments.vocabulary, special_tokens=["<|endoftext|>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train([arguments.text], trainer)
    os.makedirs(arguments.folder, exist_ok=True)
    tokenizer.save(os.path.join(arguments.folder, "tokenizer.json"))
    torch.manual_seed(arguments.seed)
    # No dropout: the two programs draw different random numbers.
    configuration = GPT2Config(
        vocab_size=tokenizer.get_vocab_size(), n_positions=arguments.block, n_embd=arguments.width,
        n_layer=arguments.layers, n_head=arguments.heads, embd_pdrop=0, attn_pdrop=0, resid_pdrop=0, bos_token_id=0,
        eos_token_id=0)
    GPT2LMHeadModel(configuration).save_pretrained(arguments.folder)


def train(arguments):
    import torch
    from tokenizers import Tokenizer
    from transformers import GPT2LMHeadModel

    torch.set_num_threads(arguments.threads)
    model = GPT2LMHeadModel.from_pretrained(arguments.folder).train()
    tokenizer = Tokenizer.from_file(os.path.join(arguments.folder, "tokenizer.json"))
    with open(arguments.text, encoding="utf-8", newline="") as file:
        ids = tokenizer.encode(file.read()).ids
    count = len(ids) // arguments.block
    blocks = torch.tensor(ids[:count * arguments.block]).reshape(count, arguments.block)
    with open(arguments.report, encoding="utf-8") as file:
        order = json.load(file)["order"]
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}], lr=arguments.lr)
    total = arguments.total or len(order)
    warmup = round(arguments.warmup * total)

    def factor(step):
        return step / warmup if step < warmup else max(0.0, (total - step) / max(1, total - warmup))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    losses, tokens, seconds = [], 0, 0.0
    for picked in order:
        batch = blocks[torch.tensor(picked)]
        begin = time.perf_counter()
        loss = model(input_ids=batch, labels=batch).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        seconds += time.perf_counter() - begin
        tokens += len(picked) * (arguments.block - 1)
    print(json.dumps({"losses": losses, "tokens_per_second": tokens / seconds}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["make", "train"])
    parser.add_argument("folder")
    parser.add_argument("text")
    parser.add_argument("report", nargs="?", help="for train")
    parser.add_argument("--vocabulary", type=int, default=2048)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--warmup", type=float, default=0.05)
    parser.add_argument("--total", type=int, help="the steps of the whole run, where the report is of a part")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    if arguments.action == "make":
        make(arguments)
    else:
        train(arguments)


if __name__ == "__main__":
    main()
