#!/usr/bin/env python3
"""Real models on real pictures: cli_real_test.py TULLE. They are no part of the project; exits 77 where their folder is absent."""
import os
import pathlib
import sys
import unittest

from cli_case import ROOT, Case

SHARED = pathlib.Path(os.environ.get("TULLE_SHARED", ROOT.parent / "shared"))


class Real(Case):
    def top(self, picture, path, *options):
        image = self.json("classify", SHARED / "images" / picture, "-m", SHARED / "models" / path, *options)["images"][0]
        return [(e["index"], e["label"], e["score"]) for e in image["top"]]

    def test_cat(self):
        labels = ("--labels", SHARED / "models/imagenet_labels.txt")
        self.assertIn("cat", self.top("cat.bmp", "mobilenet_v2_1.0_224_quant.tflite", *labels)[0][1])
        self.assertIn("cat", self.top("cat.bmp", "mobilenet_v2_1.0_224_quant.tflite")[0][1], "labels out of the file's own archive")

    def test_duck(self):
        best = self.top("mandarin_duck.jpg", "aiy_vision_classifier_birds_V1_3.tflite", "--resample", "bicubic")[0]
        self.assertEqual(best[:2], (166, "Aix galericulata"))
        self.assertAlmostEqual(best[2], 198 / 256, delta=0.02)

    def test_person(self):
        found = [self.top(p, "person_detect.tflite", "--raw")[0] for p in ("person.bmp", "no_person.bmp")]
        self.assertEqual([f[0] for f in found], [1, 0])

    def test_pose(self):
        points = self.json("pose", SHARED / "images/squat.bmp", "-m", SHARED / "models/movenet_single_pose_lightning_ptq.tflite",
                           "--resample", "bicubic")["points"]
        rows = [line.split(",") for line in (SHARED / "models/movenet_single_pose_lightning_ptq_reference.csv").read_text().split()[1:]]
        off = [abs(p["x"] / 500 - float(r[4])) + abs(p["y"] / 610 - float(r[5])) for p, r in zip(points, rows, strict=True)]
        self.assertLess(max(off), 0.05)
        self.assertLess(sum(off) / len(off), 0.02)

    def test_segment(self):
        classes = self.json("segment", SHARED / "images/bird_segmentation.bmp", "-m", SHARED / "models/deeplabv3_mnv2_dm05_pascal_quant.tflite",
                            "--labels", SHARED / "models/pascal_voc_segmentation_labels.txt")["classes"]
        self.assertEqual([c["label"] for c in classes[:2]], ["background", "bird"])

    def test_detect(self):
        boxes = self.json("detect", SHARED / "images/ssd_example.jpg", "-m", SHARED / "models/ssd_mobilenet_v1_detect.tflite",
                          "--labels", SHARED / "models/ssd_labelmap.txt")["boxes"]
        self.assertEqual({b["label"] for b in boxes}, {"person", "laptop"})


if __name__ == "__main__":
    if not SHARED.is_dir():
        print(f"SKIPPED: {SHARED} is absent; TULLE_SHARED names another place")
        sys.exit(77)
    unittest.main()
