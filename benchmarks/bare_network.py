"""The least that measuring trained weights could cost: python bare_network.py SOURCE WEIGHTS IMAGES.npz"""

import runpy
import sys

import numpy as np
import torch

torch.set_num_threads(1)
network = runpy.run_path(sys.argv[1])["build_lenet"]()
network.load_state_dict(torch.load(sys.argv[2], weights_only=True))
network.eval()
with np.load(sys.argv[3]) as archive:
    images, labels = archive["test_images"], archive["test_labels"]
with torch.no_grad():
    predicted = network(torch.from_numpy(images.astype(np.float32) / 255)[:, None]).argmax(1).numpy()
print(f"{(predicted == labels).mean():.1%} of {len(labels)} images")
