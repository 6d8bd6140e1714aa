"""What the shared models are fed with, and what they must see in their pictures."""
import csv
import zlib

import numpy as np

# model -> pictures, and how a byte becomes an input value: bytes as they are, 0…1 ("unit"), -1…1 ("signed"), or through
# the input's own scale from 0…1 ("quantised unit") or bytes ("quantised bytes"); "int8 bytes": the
# file holds int8 codes already (its dark half looks bright)
PICTURES = {
    "aiy_vision_classifier_birds_V1_3": (("mandarin_duck.jpg", "parrot.jpg"), "bytes"),
    "deeplabv3_257_mv_gpu": (("bird_segmentation.bmp",), "signed"),
    "deeplabv3_mnv2_dm05_pascal_quant": (("bird_segmentation.bmp",), "bytes"),
    "face_detection_short_range_fp16": (("face.jpg",), "signed"),
    "face_landmark_fp16": (("face.jpg",), "unit"),
    "keras_lstm_mnist_ptq": (("mnist_nine.bmp",), "bytes"),
    "mobilenet_v1_0.25_128_quant": (("grace_hopper.bmp", "cat.bmp"), "bytes"),
    "mobilenet_v2_1.0_224_quant": (("grace_hopper.bmp", "golden-retriever.jpeg", "cat.bmp"), "bytes"),
    "tf2_mobilenet_v2_1.0_224_ptq": (("grace_hopper.bmp", "golden-retriever.jpeg", "husky.jpeg"), "bytes"),
    "movenet_single_pose_lightning_ptq": (("squat.bmp",), "bytes"),
    "person_detect": (("person.bmp", "no_person.bmp"), "centred"),
    "pretrainedResnet": (("cat.bmp",), "bytes"),
    "pretrainedResnet_quant": (("cat.bmp",), "quantised bytes"),
    "ssd_mobilenet_v1_detect": (("ssd_example.jpg",), "bytes"),
    "vww_96_float": (("grace_hopper.bmp", "cat.bmp"), "unit"),
    "vww_96_int8": (("grace_hopper.bmp", "cat.bmp"), "quantised unit"),
}
MICRO = ("person_detect", "keyword_scrambled_8bit")  # LiteRT refuses the first and corrupts its heap on the second
REFUSED = ("invalid_model_invoking_error",)
SENTENCE = "this is the best movie i have seen in years great acting and a wonderful story"


def quantised(real, detail):
    info = np.iinfo(detail["dtype"])
    return np.clip(np.round(real / detail["scale"]) + detail["zero"], info.min, info.max)


def picture(path, detail, mapping):
    """The picture, resized without keeping its proportions (bilinear), as the input's values."""
    from PIL import Image
    shape = detail["shape"]
    height, width = shape[1], shape[2]
    channels = shape[3] if len(shape) == 4 else 1
    image = Image.open(path).convert("L" if channels == 1 else "RGB").resize((width, height), Image.Resampling.BILINEAR)
    value = np.asarray(image, np.float32).reshape(shape)
    if "unit" in mapping:
        value = value / np.float32(255)
    if "signed" in mapping:
        value = value / np.float32(127.5) - np.float32(1)
    if mapping == "int8 bytes":
        return np.asarray(image, np.uint8).view(np.int8).reshape(shape)
    return (quantised(value, detail) if "quantised" in mapping else value).astype(detail["dtype"])


def noise(detail, seed, batch=None):
    """Seeded values: every code of an integer type, -1…1 for reals."""
    rng = np.random.default_rng([seed, zlib.crc32(detail["name"].encode())])
    shape = [batch, *detail["shape"][1:]] if batch else detail["shape"]
    if detail["dtype"].startswith("float"):
        return rng.uniform(-1, 1, shape).astype(detail["dtype"])
    info = np.iinfo(detail["dtype"])
    return rng.integers(info.min, info.max, shape, endpoint=True).astype(detail["dtype"])


def sentence(shared):
    """A film review as the word numbers of the text classifier: <START>, words, padding."""
    with open(shared / "models" / "text_classification_vocab.txt", encoding="utf-8") as lines:
        numbers = {word: int(number) for word, number in (line.split() for line in lines if len(line.split()) == 2)}
    ids = [numbers["<START>"]] + [numbers.get(word, numbers["<UNKNOWN>"]) for word in SENTENCE.split()]
    return np.array([ids + [numbers["<PAD>"]] * (256 - len(ids))], np.float32)


def inputs_of(name, details, shared):
    """(label, arrays) of every run of a model: real input where there is one, three times noise, a batch of two where the model allows it."""
    pictures, mapping = PICTURES.get(name, ((), None))
    for file in pictures:
        yield file, [picture(shared / "images" / file, details[0], mapping)]
    if name == "text_classification":
        yield "a film review", [sentence(shared)]
        vocabulary = 9999
        for seed in (1, 2, 3):
            yield f"random {seed}", [np.random.default_rng(seed).integers(0, vocabulary, details[0]["shape"]).astype(np.float32)]
        return
    for seed in (1, 2, 3):
        yield f"random {seed}", [noise(detail, seed) for detail in details]
    if all(detail["signature"][:1] == [-1] for detail in details):
        yield "random, batch of 2", [noise(detail, 4, batch=2) for detail in details]


def best(scores):
    return int(np.argmax(np.asarray(scores).reshape(-1)))


def named(labels, place):
    return labels[place].strip() if labels else str(place)


def facts(name, label, outputs, shared):
    """What the picture must show: (claim, whether the outputs say so); nothing for other inputs."""
    first = np.asarray(outputs[0])
    lines = lambda file: (shared / "models" / file).read_text(encoding="utf-8").splitlines()
    if (name, label) == ("aiy_vision_classifier_birds_V1_3", "mandarin_duck.jpg"):
        order = np.argsort(-first.reshape(-1).astype(int), kind="stable")[:2]
        yield "mandarin duck is class 166", order[0] == 166 and first.reshape(-1)[166] >= 190
    if name.endswith(("_224_quant", "_224_ptq")):
        words = {"grace_hopper.bmp": ("military uniform",), "golden-retriever.jpeg": ("golden retriever",),
                 "cat.bmp": ("tabby", "tiger cat", "Egyptian cat", "lynx"), "husky.jpeg": ("Eskimo dog", "Siberian husky", "malamute")}
        if label in words:
            found = named(lines("imagenet_labels.txt"), best(first))
            yield f"{label}: {found}", any(word in found for word in words[label])
    if (name, label) == ("movenet_single_pose_lightning_ptq", "squat.bmp"):
        with open(shared / "models" / "movenet_single_pose_lightning_ptq_reference.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        points = first.reshape(17, 3)
        apart = max(max(abs(points[int(r["keypoint_id"])][0] - float(r["keypoint_y"])), abs(points[int(r["keypoint_id"])][1] - float(r["keypoint_x"]))) for r in rows)
        yield f"17 key points of the csv, at most {apart:.3f} away", bool(apart < 0.05)
    if (name, label) == ("keras_lstm_mnist_ptq", "mnist_nine.bmp"):
        yield "the digit is 9", best(first) == 9
    if name.startswith("deeplabv3") and label == "bird_segmentation.bmp":
        classes = first.argmax(-1) if first.ndim == 4 else first
        found = np.bincount(classes.reshape(-1).astype(int), minlength=21)
        yield f"a bird: {found[3] / found.sum():.0%} of the picture", best(found[1:]) + 1 == 3
    if name == "person_detect" and label.endswith("person.bmp"):
        yield f"{label}: person scores {int(first.reshape(-1)[1])}", (first.reshape(-1)[1] > first.reshape(-1)[0]) == (label == "person.bmp")
    if name.startswith("pretrainedResnet") and label == "cat.bmp":
        yield "a cat, class 3 of CIFAR-10", best(first) == 3
    if name.startswith("vww_96") and label in ("grace_hopper.bmp", "cat.bmp"):
        yield f"{label}: {'a' if best(first) else 'no'} person", best(first) == (label == "grace_hopper.bmp")
    if (name, label) == ("face_detection_short_range_fp16", "face.jpg"):
        yield f"a face, score {np.max(outputs[1]):.1f}", bool(np.max(outputs[1]) > 0)
    if (name, label) == ("ssd_mobilenet_v1_detect", "ssd_example.jpg"):
        names = lines("ssd_labelmap.txt")
        found = [names[int(c) + 1].strip() for c, s in zip(np.reshape(outputs[1], -1), np.reshape(outputs[2], -1)) if s > 0.5]
        yield f"objects above one half: {', '.join(found)}", len(found) > 0
    if (name, label) == ("text_classification", "a film review"):
        yield f"the review is positive, {first.reshape(-1)[1]:.2f}", best(first) == 1
