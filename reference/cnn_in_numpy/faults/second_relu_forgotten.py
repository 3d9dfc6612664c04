"""Every layer is right, but the pass goes from one dense layer to the next without ReLU.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.whole
"""

def forward_pass(X, weights):
    outputs = {}
    outputs["conv1"] = convolution(X, weights["conv1_kernel"], weights["conv1_bias"])
    outputs["pool1"] = max_pooling(outputs["conv1"])
    outputs["relu1"] = relu(outputs["pool1"])
    outputs["flatten"] = flatten(outputs["relu1"])
    outputs["dense1"] = dense(outputs["flatten"], weights["dense1_kernel"], weights["dense1_bias"])
    outputs["relu2"] = outputs["dense1"]
    outputs["logits"] = dense(outputs["relu2"], weights["logits_kernel"], weights["logits_bias"])
    outputs["probabilities"] = softmax(outputs["logits"])
    return outputs
