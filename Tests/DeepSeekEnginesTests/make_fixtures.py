"""Writes the fixtures of these tests: scikit-learn's digits as NumPy files.

Run with a Python that has numpy and scikit-learn:  python make_fixtures.py
"""
import os

import numpy as np
from sklearn.datasets import load_digits

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Fixtures")
digits = load_digits()
np.save(os.path.join(folder, "digits_images.npy"), digits.data.astype(np.uint8))
np.save(os.path.join(folder, "digits_labels.npy"), digits.target.astype(np.uint8))
